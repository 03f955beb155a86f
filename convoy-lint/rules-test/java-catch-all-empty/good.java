class A {
    void f() {
        try {
            save();
        } catch (IOException e) {
        }
        try {
            save();
        } catch (Exception ignored) {
        }
        try {
            save();
        } catch (Exception e) {
            // It is saved again later.
        }
        try {
            stream.close();
        } catch (Exception e) {
        }
    }
}
