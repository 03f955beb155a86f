class A {
    void f(String password) {
        DriverManager.getConnection("jdbc:postgresql://db/a", "a", password);
        DriverManager.getConnection("jdbc:h2:mem:a", "sa", "");
    }
}
