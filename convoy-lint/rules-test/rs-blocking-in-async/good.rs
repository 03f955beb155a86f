async fn f() {
    tokio::time::sleep(Duration::from_secs(1)).await;
    spawn_blocking(|| std::fs::read_to_string("x")).await;
}

fn g() {
    std::thread::sleep(Duration::from_secs(1));
}
