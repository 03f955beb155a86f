class A {
    void f(Map<String, String> all, Map<String, String> other) {
        for (String key : all.keySet()) {
            use(other.get(key));
        }
        for (Map.Entry<String, String> one : all.entrySet()) {
            use(one.getValue());
        }
    }
}
