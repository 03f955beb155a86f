class A {
    void f() {
        try {
            save();
        // bad
        } catch (Exception e) {
        }
    }
}
