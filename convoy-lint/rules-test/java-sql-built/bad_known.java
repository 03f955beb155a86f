class A {
    void find(HttpServletRequest request, Statement s) {
        String name = request.getParameter("name");
        int number = 106;
        String bar;
        if ((7 * 42) - number > 200) {
            bar = "never";
        } else {
            bar = name;
        }
        // bad
        s.executeQuery("SELECT id FROM users WHERE name = '" + bar + "'");
        Map<String, Object> map = new HashMap<>();
        map.put("a", "1");
        map.put("b", name);
        // bad
        s.executeQuery("SELECT id FROM users WHERE name = '" + map.get("b") + "'");
    }

    void counted(HttpServletRequest request, Statement s) {
        String name = request.getParameter("name");
        int n = 0;
        n++;
        if (n > 0) {
            // bad
            s.executeQuery("SELECT id FROM users WHERE name = '" + name + "'");
        }
    }
}
