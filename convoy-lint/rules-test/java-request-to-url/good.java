class A {
    void get(HttpServletRequest request, URL own) throws IOException {
        own.openConnection();
        String url = request.getParameter("url");
        if (allowList.contains(url)) {
            new URL(url).openStream();
        }
    }
}
