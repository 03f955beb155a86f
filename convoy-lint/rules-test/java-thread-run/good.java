class A {
    void f(Runnable r) {
        new Thread(r).start();
        r.run();
    }
}
