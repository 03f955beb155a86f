async fn f(m: &Mutex<u8>, t: &tokio::sync::Mutex<u8>) {
    let guard = m.lock().unwrap();
    drop(guard);
    work().await;
    let other = t.lock().await;
    work().await;
    {
        let guard = m.lock().unwrap();
        sum(*guard);
    }
    work().await;
}
