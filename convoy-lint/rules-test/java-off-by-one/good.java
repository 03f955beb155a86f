class A {
    void f(int[] a, List<String> l) {
        for (int i = 0; i < a.length; i++) {
            use(a[i]);
        }
        for (int i = 1; i <= a.length; i++) {
            use(a[i - 1]);
        }
        for (int i = 1; i <= byNumber.size(); i++) {
            use(byNumber.get(i));
        }
        for (int i = 0; i <= l.size(); i++) {
            if (i < l.size()) {
                use(l.get(i));
            }
        }
    }
}
