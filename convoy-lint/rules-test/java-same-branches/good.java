class A {
    void f(boolean a) {
        if (a) {
            open("x");
        } else {
            open("y");
        }
        if (a) {
        } else {
        }
    }
}
