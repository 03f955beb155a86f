class A {
    Optional<String> f(int a) {
        run(() -> {
            return null;
        });
        return Optional.empty();
    }

    String g() {
        return null;
    }
}
