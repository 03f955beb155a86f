class A {
    void f() {
        // bad
        Cipher.getInstance("DES/CBC/PKCS5Padding");
        // bad
        Cipher.getInstance("AES/ECB/PKCS5Padding");
        // bad
        Cipher.getInstance("AES");
    }
}
