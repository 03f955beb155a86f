class A {
    private final Log log = new Log();

    void f(Cache cache) {
        cache.trim();
        log.trim();
    }
}
