class A {
    void f(File file) {
        file.setWritable(true, true);
        file.setWritable(true);
        PosixFilePermissions.fromString("rwxr-xr-x");
    }
}
