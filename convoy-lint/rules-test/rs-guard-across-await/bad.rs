async fn f(m: &Mutex<u8>) {
    // bad
    let guard = m.lock().unwrap();
    work(*guard).await;
}
