class A {
    // bad
    static final String KEY = "AKIAQ4J5KLM2NPRSTUVW";
}
