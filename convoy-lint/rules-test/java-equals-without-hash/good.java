class A {
    int a;

    @Override
    public boolean equals(Object other) {
        return other instanceof A o && o.a == a;
    }

    @Override
    public int hashCode() {
        return a;
    }
}

class B {
    boolean equals(B other) {
        return true;
    }
}
