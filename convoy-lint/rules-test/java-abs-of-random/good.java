class A {
    int f(Object o) {
        int a = Math.abs(random.nextInt(10));
        return Math.floorMod(o.hashCode(), 10);
    }
}
