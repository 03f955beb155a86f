class A {
    private static final Pattern P = Pattern.compile("^a+$");

    void f(List<String> all) {
        for (String one : all) {
            Pattern.compile(one);
            run(() -> Pattern.compile("^a+$"));
        }
    }
}
