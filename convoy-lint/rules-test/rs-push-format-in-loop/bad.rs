fn f(items: &[u8]) -> String {
    let mut text = String::new();
    for x in items {
        // bad
        text.push_str(&format!("{x},"));
    }
    text
}
