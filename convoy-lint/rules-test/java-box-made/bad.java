class A {
    // bad
    Integer a = new Integer(3);
    // bad
    String b = new String("x");
}
