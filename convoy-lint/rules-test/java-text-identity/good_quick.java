class A {
    String f(CharSequence header) {
        if (":method" == header) {
            return "m";
        }
        return ":method".contentEquals(header) ? "m" : null;
    }
}
