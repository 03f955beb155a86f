class A {
    void f(File file) {
        // bad
        file.setWritable(true, false);
        // bad
        PosixFilePermissions.fromString("rwxrwxrwx");
    }
}
