class A {
    void f() throws InterruptedException {
        synchronized (this) {
            wait(100);
        }
        Thread.sleep(100);
    }
}
