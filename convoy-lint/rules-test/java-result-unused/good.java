class A {
    String f(String text) {
        text = text.trim();
        list.replaceAll(String::trim);
        try {
            String.valueOf(text);
        } catch (Exception e) {
            return null;
        }
        return text.toLowerCase();
    }
}
