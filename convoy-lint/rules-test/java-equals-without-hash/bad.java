// bad
class A {
    int a;

    @Override
    public boolean equals(Object other) {
        return other instanceof A o && o.a == a;
    }
}
