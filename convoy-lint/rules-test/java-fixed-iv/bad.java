class A {
    void f() {
        // bad
        new IvParameterSpec("0123456789abcdef".getBytes());
        // bad
        new GCMParameterSpec(128, new byte[12]);
    }
}
