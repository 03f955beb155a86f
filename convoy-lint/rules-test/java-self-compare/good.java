class A {
    boolean f(A other, double d) {
        if (d != d) {
            return false;
        }
        return next() == next() && this.x == other.x && other.equals(this);
    }
}
