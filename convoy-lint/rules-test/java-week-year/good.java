class A {
    DateTimeFormatter a = DateTimeFormatter.ofPattern("yyyy-MM-dd");
    DateTimeFormatter b = DateTimeFormatter.ofPattern("YYYY-'W'ww");
    String hint = "YYYY-MM-dd";
}
