class A {
    boolean f(String a) {
        // bad
        return a == "yes" || a.isEmpty();
    }

    boolean g(String a) {
        // bad
        return "no" != a;
    }
}
