class A {
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().println("hello " + HtmlUtils.htmlEscape(request.getParameter("name")));
    }

    void plain(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter().println(request.getParameter("name"));
    }

    void own(HttpServletResponse response, String name) throws IOException {
        response.getWriter().println(name);
    }
}
