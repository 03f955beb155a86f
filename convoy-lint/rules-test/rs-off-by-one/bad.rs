fn f(items: &[u8]) {
    // bad
    for i in 0..=items.len() {
        work(items[i]);
    }
}
