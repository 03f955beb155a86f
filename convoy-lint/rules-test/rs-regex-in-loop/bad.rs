fn f(lines: &[String]) {
    for line in lines {
        // bad
        let re = Regex::new(r"\d+").unwrap();
        work(re, line);
    }
}
