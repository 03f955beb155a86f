class A {
    private static final String TABLE = "users";

    void find(Connection c, String name, int id) {
        PreparedStatement p = c.prepareStatement("SELECT id FROM users WHERE name = ?");
        c.prepareStatement("SELECT id FROM " + TABLE + " WHERE name = ?");
        c.createStatement().executeQuery("SELECT id FROM users WHERE id = " + id);
        executor.execute("SELECT a FROM " + name);
    }
}
