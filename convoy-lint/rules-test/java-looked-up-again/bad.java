class A {
    void f(Map<String, String> all) {
        // bad
        for (String key : all.keySet()) {
            use(key, all.get(key));
        }
    }
}
