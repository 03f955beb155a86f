class A {
    BigDecimal a = new BigDecimal("0.1");
    BigDecimal b = new BigDecimal(0.5);
    BigDecimal zero = new BigDecimal(0.00);
    BigDecimal c = new BigDecimal(10);
}
