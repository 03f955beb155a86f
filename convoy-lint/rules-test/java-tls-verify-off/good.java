class A {
    TrustManager own = new X509TrustManager() {
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            other.checkServerTrusted(chain, type);
        }
    };

    void open(HttpsURLConnection c, boolean insecure) {
        if (insecure) {
            c.setHostnameVerifier((host, session) -> true);
        }
        map.merge((a, b) -> true);
    }

    public boolean verify(String text) {
        return true;
    }
}
