class A {
    int f() {
        try {
            return save();
        } finally {
            // bad
            return 0;
        }
    }
}
