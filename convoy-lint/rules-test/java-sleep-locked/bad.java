class A {
    void f() throws InterruptedException {
        synchronized (this) {
            // bad
            Thread.sleep(100);
        }
    }
}
