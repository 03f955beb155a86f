class A {
    void get(HttpServletRequest request) throws IOException {
        URL url = new URL(request.getParameter("url"));
        // bad
        url.openConnection();
        // bad
        restTemplate.getForObject(request.getParameter("url"), String.class);
    }
}
