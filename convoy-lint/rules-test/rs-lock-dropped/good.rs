fn f(m: &Mutex<u8>) {
    let _guard = m.lock().unwrap();
    let _ = m.read(&mut buf).unwrap();
    let _ = *m.lock().unwrap();
}
