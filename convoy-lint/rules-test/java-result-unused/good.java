class A {
    String f(String text) {
        text = text.trim();
        list.replaceAll(String::trim);
        try {
            String.valueOf(text);
        } catch (Exception e) {
            return null;
        }
        int size = switch (text) {
            case "a" -> Math.max(0, 1);
            default -> 0;
        };
        return text.toLowerCase();
    }
}
