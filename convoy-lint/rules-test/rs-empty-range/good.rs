fn f(items: &[u8]) {
    for i in (0..items.len()).rev() {
        work(i);
    }
    for i in 0..items.len() {
        work(i);
    }
}
