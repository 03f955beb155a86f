class A {
    void f() {
        // bad
        String token = RandomStringUtils.randomAlphanumeric(20);
        // bad
        this.otp = new Random().nextInt(1000000);
    }
}
