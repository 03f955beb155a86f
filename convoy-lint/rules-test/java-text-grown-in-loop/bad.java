class A {
    String f(List<String> all) {
        String out = "";
        for (String one : all) {
            // bad
            out += one;
        }
        return out;
    }
}
