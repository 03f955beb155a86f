class A {
    void run(String name, String hook) {
        new ProcessBuilder("ls", name).start();
        Runtime.getRuntime().exec("ls -l");
        Runtime.getRuntime().exec(hook);
        new ProcessBuilder("sh", "-c", hook).start();
    }
}
