class A {
    void get(InputStream own) throws IOException {
        new ObjectInputStream(own).readObject();
    }
}
