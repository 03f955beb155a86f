class A {
    void f(List<String> all) {
        for (String one : all) {
            // bad
            Pattern p = Pattern.compile("^a+$");
            // bad
            Pattern.matches("^b+$", one);
        }
    }
}
