class A {
    void f() {
        List<String> all = new ArrayList<>(read());
        for (String one : all) {
            if (one.isEmpty()) {
                // bad
                all.remove(one);
            }
        }
    }
}
