class A {
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // bad
        response.getWriter().println("hello " + request.getParameter("name"));
    }
}
