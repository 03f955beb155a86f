fn f(text: &str) {
    let first = text.chars().nth(3);
    for (i, c) in text.chars().enumerate() {
        work(i, c);
    }
}
