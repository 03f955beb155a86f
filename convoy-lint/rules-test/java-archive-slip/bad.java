class A {
    void unpack(ZipInputStream in, File target) throws IOException {
        ZipEntry entry;
        while ((entry = in.getNextEntry()) != null) {
            // bad
            File file = new File(target, entry.getName());
            in.transferTo(new FileOutputStream(file));
        }
    }
}
