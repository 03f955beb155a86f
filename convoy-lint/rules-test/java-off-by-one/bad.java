class A {
    void f(int[] a, List<String> l) {
        // bad
        for (int i = 0; i <= a.length; i++) {
            use(a[i]);
        }
        // bad
        for (int i = 0; i <= l.size(); i++) {
            use(l.get(i));
        }
    }
}
