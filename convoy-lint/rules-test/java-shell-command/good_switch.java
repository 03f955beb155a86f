class Switched {
    void first(HttpServletRequest request) throws IOException {
        String command;
        switch ("ABC".charAt(1)) {
            case 'A':
                command = "ls " + request.getParameter("dir");
                break;
            case 'B':
                command = "ls";
                break;
            default:
                command = "ls " + request.getParameter("dir");
        }
        Runtime.getRuntime().exec(command);
    }
}
