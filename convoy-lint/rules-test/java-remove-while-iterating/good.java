class A {
    void f(List<String> other) {
        List<String> all = new ArrayList<>(read());
        List<String> safe = new CopyOnWriteArrayList<>(all);
        for (String one : safe) {
            safe.remove(one);
        }
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
