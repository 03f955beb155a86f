class A {
    void f() {
        // bad
        DriverManager.getConnection("jdbc:postgresql://db/a", "a", "a1b2c3");
    }
}
