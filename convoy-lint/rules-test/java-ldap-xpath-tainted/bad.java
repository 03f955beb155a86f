class A {
    void get(HttpServletRequest request) {
        // bad
        context.search("ou=people", "(uid=" + request.getParameter("name") + ")", controls);
        // bad
        xpath.evaluate("//user[@id='" + request.getParameter("id") + "']", document);
    }
}
