class A {
    void f(List<Integer> ids) {
        for (int id : ids) {
            statement.setInt(1, id);
            // bad
            ResultSet found = statement.executeQuery();
        }
    }
}
