class A {
    String f(List<String> all) {
        StringBuilder out = new StringBuilder();
        int total = 0;
        String last = "";
        for (String one : all) {
            out.append(one);
            total += one.length();
            String line = "";
            line += one;
            if (one.isEmpty()) {
                last += one;
                break;
            }
        }
        return out.toString();
    }
}
