class A {
    String f(String text) {
        // bad
        text.trim();
        // bad
        String.format("%s", text);
        return text;
    }
}
