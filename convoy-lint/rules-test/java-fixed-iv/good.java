class A {
    void f(byte[] iv) {
        new IvParameterSpec(iv);
        new GCMParameterSpec(128, iv);
    }
}
