fn f(items: &[u8]) -> String {
    let mut text = String::new();
    text.push_str(&format!("{}", 1));
    for x in items {
        text.push_str(name);
    }
    text
}
