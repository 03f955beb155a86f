fn f(text: &str) -> usize {
    // bad
    text.lines().collect::<Vec<_>>().len()
}
