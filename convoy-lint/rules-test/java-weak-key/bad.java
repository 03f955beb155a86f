class A {
    void f() {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        // bad
        generator.initialize(1024);
    }
}
