class A {
    int f() {
        try {
            return save();
        } finally {
            run(() -> {
                return 0;
            });
        }
    }
}
