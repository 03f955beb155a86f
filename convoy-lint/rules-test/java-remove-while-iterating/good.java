class A {
    void f(List<String> all, List<String> other) {
        for (String one : all) {
            other.remove(one);
            if (one.isEmpty()) {
                all.remove(one);
                break;
            }
        }
        all.removeIf(String::isEmpty);
    }
}
