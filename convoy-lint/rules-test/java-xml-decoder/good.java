class A {
    void f(OutputStream out) {
        new XMLEncoder(out);
    }
}
