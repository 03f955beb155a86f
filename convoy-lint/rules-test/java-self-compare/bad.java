class A {
    boolean f(A other) {
        // bad
        if (this.x == this.x) {
            return true;
        }
        // bad
        return other.equals(other);
    }
}
