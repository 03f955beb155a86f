class A {
    TrustManager all = new X509TrustManager() {
        // bad
        public void checkServerTrusted(X509Certificate[] chain, String type) {
        }
    };

    void open(HttpsURLConnection c) {
        // bad
        c.setHostnameVerifier((host, session) -> true);
        // bad
        builder.setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE);
    }

    HostnameVerifier any = new HostnameVerifier() {
        // bad
        public boolean verify(String host, SSLSession session) {
            return true;
        }
    };
}
