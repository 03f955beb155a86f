class A {
    void f(Cookie cookie) {
        // bad
        cookie.setSecure(false);
        // bad
        cookie.setHttpOnly(false);
    }
}
