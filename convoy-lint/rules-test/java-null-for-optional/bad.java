class A {
    Optional<String> f(int a) {
        if (a < 0) {
            // bad
            return null;
        }
        return Optional.empty();
    }
}
