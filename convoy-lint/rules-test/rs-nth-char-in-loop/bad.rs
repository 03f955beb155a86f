fn f(text: &str) {
    for i in 0..text.len() {
        // bad
        let c = text.chars().nth(i);
        work(c);
    }
}
