class A {
    Integer a = Integer.valueOf(3);
    String b = new String(bytes);
    Object c = new Object();
}
