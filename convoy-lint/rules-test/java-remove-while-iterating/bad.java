class A {
    void f(List<String> all) {
        for (String one : all) {
            if (one.isEmpty()) {
                // bad
                all.remove(one);
            }
        }
    }
}
