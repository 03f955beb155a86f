async fn f() {
    // bad
    std::thread::sleep(Duration::from_secs(1));
    let task = async {
        // bad
        std::fs::read_to_string("x")
    };
}
