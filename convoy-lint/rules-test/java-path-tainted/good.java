class A {
    void get(HttpServletRequest request, String other) {
        String name = request.getParameter("name");
        Path path = Paths.get("/srv").resolve(name).normalize();
        if (!path.startsWith("/srv")) {
            return;
        }
        new File("/srv", name);
    }

    void own(String name) {
        new File("/srv", name);
    }
}
