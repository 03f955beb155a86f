class A {
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String next = request.getParameter("next");
        // bad
        response.sendRedirect(next);
    }
}
