class A {
    void f(ObjectMapper mapper) {
        // bad
        mapper.enableDefaultTyping();
    }
}
