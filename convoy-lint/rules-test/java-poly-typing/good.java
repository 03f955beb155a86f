class A {
    void f(ObjectMapper mapper) {
        mapper.activateDefaultTyping(validator);
    }
}
