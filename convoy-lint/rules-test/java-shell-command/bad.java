class A {
    void run(String name) {
        // bad
        Runtime.getRuntime().exec("ls " + name);
        // bad
        new ProcessBuilder("sh", "-c", "ls " + name).start();
        // bad
        String[] command = {"/bin/sh", "-c", "ls " + name};
    }
}
