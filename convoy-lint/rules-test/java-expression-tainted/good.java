class A {
    void get(HttpServletRequest request, String own) {
        parser.parseExpression("name").getValue();
        engine.eval(own);
    }
}
