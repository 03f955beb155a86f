class A {
    void f(List<Integer> ids) {
        statement.executeQuery();
        for (int id : ids) {
            statement.addBatch();
        }
        while (true) {
            statement.executeQuery();
        }
    }
}
