class A {
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String next = request.getParameter("next");
        if (!isAllowed(next)) {
            return;
        }
        response.sendRedirect(next);
        response.sendRedirect("/login");
        response.sendRedirect(request.getContextPath() + request.getParameter("page"));
    }
}
