fn f(items: &[u8]) {
    for i in 0..items.len() {
        work(items[i]);
    }
    for i in 0..=items.len() {
        work(&items[..i]);
    }
}
