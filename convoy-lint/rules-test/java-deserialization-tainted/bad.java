class A {
    void get(HttpServletRequest request) throws IOException {
        // bad
        new ObjectInputStream(request.getInputStream()).readObject();
    }
}
