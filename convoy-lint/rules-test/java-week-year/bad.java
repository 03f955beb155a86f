class A {
    // bad
    DateTimeFormatter a = DateTimeFormatter.ofPattern("YYYY-MM-dd");
    // bad
    SimpleDateFormat b = new SimpleDateFormat("dd.YYYY.MM");
}
