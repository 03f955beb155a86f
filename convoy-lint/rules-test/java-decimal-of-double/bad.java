class A {
    // bad
    BigDecimal a = new BigDecimal(0.1);
}
