fn client() -> Client {
    // bad
    Client::builder().danger_accept_invalid_certs(true).build()
}
