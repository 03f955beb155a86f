fn f(items: &[u8]) {
    // bad
    for i in items.len()..0 {
        work(i);
    }
}
