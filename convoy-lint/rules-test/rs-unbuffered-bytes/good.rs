fn f(text: &str) -> io::Result<()> {
    for byte in BufReader::new(File::open("x")?).bytes() {
        work(byte);
    }
    for byte in text.bytes() {
        work(byte);
    }
    Ok(())
}
