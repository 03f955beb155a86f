class A {
    boolean f(String a, char c) {
        return "yes".equals(a) || a == null || c == 'x';
    }
}
