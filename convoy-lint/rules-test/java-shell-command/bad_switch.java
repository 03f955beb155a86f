class Switched {
    void falls(HttpServletRequest request) throws IOException {
        String command = "ls";
        switch ("ABC".charAt(0)) {
            case 'A':
            case 'B':
                command = "ls " + request.getParameter("dir");
        }
        // bad
        Runtime.getRuntime().exec(command);
    }
}
