class A {
    void f(int a) {
        if (a < 0) {
            // bad
            new IllegalArgumentException("negative");
        }
    }
}
