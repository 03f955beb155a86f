fn f(m: &Mutex<u8>) {
    // bad
    let _ = m.lock().unwrap();
    work();
}
