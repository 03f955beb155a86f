class A {
    void f(byte[] data, String passwordFile) {
        DigestUtils.sha256Hex(data);
        md.digest(passwordFile.getBytes());
        encoder.encode(password);
    }
}
