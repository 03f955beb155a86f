class A {
    int f(Object o) {
        // bad
        int a = Math.abs(random.nextInt());
        // bad
        return Math.abs(o.hashCode()) % 10;
    }
}
