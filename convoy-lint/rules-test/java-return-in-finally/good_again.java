class A {
    void run() {
        for (;;) {
            try {
                work();
            } finally {
                if (isEmpty()) {
                    return;
                }
            }
        }
    }
}
