class A {
    void f(Cookie cookie, boolean secure) {
        cookie.setSecure(true);
        cookie.setSecure(secure);
        options.setSecure(false);
    }
}
