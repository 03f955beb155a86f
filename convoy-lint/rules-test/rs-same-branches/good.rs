fn f(x: bool) -> u8 {
    if x { work(1) } else { work(2) }
}

fn strip(s: &str) -> &str {
    if let Some(s) = s.strip_prefix('a') { s } else { s }
}
