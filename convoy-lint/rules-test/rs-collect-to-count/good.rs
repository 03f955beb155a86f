fn f(text: &str) -> usize {
    let unique = text.lines().collect::<HashSet<_>>().len();
    text.lines().count() + unique
}
