class A {
    Object f(InputStream in) {
        // bad
        return new XMLDecoder(in).readObject();
    }
}
