class A {
    void f(InputStream in) {
        // bad
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.newDocumentBuilder().parse(in);
    }
}
