class A {
    void get(HttpServletRequest request) {
        // bad
        parser.parseExpression(request.getParameter("e")).getValue();
        // bad
        engine.eval("1 + " + request.getParameter("n"));
    }
}
