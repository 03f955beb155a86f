class A {
    int f(int a, Reader r) {
        if (a == 1) {
            return 1;
        } else if (a == 2) {
            return 2;
        }
        if (r.read() == 1) {
            return 1;
        } else if (r.read() == 1) {
            return 2;
        }
        return 3;
    }
}
