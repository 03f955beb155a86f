fn f(lines: &[String], words: &[String]) {
    let re = Regex::new(r"\d+").unwrap();
    for word in words {
        all.push(Regex::new(word));
    }
}
