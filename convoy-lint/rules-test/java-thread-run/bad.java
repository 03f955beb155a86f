class A {
    void f(Runnable r) {
        // bad
        new Thread(r).run();
    }
}
