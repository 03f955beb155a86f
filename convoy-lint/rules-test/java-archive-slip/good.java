class A {
    void unpack(ZipInputStream in, Path target) throws IOException {
        ZipEntry entry;
        while ((entry = in.getNextEntry()) != null) {
            Path file = target.resolve(entry.getName()).normalize();
            if (!file.startsWith(target)) {
                throw new IOException(entry.getName());
            }
            Files.copy(in, file);
        }
    }

    List<File> list(ZipFile zip, File target) {
        return zip.stream().map(entry -> new File(target, entry.getName())).toList();
    }
}
