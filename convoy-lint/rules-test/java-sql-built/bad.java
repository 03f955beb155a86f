class A {
    void find(Connection c, String name) {
        Statement s = c.createStatement();
        // bad
        s.executeQuery("SELECT id FROM users WHERE name = '" + name + "'");
        String sql = String.format("DELETE FROM users WHERE name = '%s'", name);
        // bad
        s.execute(sql);
        StringBuilder text = new StringBuilder("SELECT * FROM users WHERE a = 1");
        text.append(" AND name = '").append(name);
        // bad
        c.prepareStatement(text.toString());
    }
}
