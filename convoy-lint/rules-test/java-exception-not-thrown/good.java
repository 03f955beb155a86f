class A {
    void f(int a) {
        if (a < 0) {
            throw new IllegalArgumentException("negative");
        }
        Exception e = new IllegalStateException();
        new Thread();
    }
}
