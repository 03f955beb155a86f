class A {
    void f(User user, String password) {
        // bad
        DigestUtils.md5Hex(password);
        // bad
        md.digest(user.getPassword().getBytes(StandardCharsets.UTF_8));
        // bad
        md.update(password.getBytes());
    }
}
