class A {
    void f() {
        int index = new Random().nextInt(10);
        String token = secureRandom.nextInt();
        int tokens = new Random().nextInt(3);
    }
}
