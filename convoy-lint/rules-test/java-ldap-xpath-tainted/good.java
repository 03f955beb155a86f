class A {
    void get(HttpServletRequest request, String own) {
        context.search("ou=people", "(uid={0})", new Object[] {request.getParameter("name")}, controls);
        xpath.evaluate("//user", document);
        xpath.compile(own);
    }
}
