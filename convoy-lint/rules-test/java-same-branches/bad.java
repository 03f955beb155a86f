class A {
    void f(boolean a) {
        // bad
        if (a) {
            open("x");
        } else {
            open("x");
        }
    }
}
