class A {
    void get(HttpServletRequest request) {
        String name = request.getParameter("name");
        // bad
        File file = new File("/srv", name);
        // bad
        Paths.get("/srv/" + name);
    }

    @GetMapping("/file")
    void spring(@RequestParam String name) {
        // bad
        new FileInputStream("/srv/" + name);
    }
}
