class A {
    static final String KEY = "AKIAIOSFODNN7EXAMPLE";
    static final String PREFIX = "ghp_";
}
