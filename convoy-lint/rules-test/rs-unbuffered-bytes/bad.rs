fn f() -> io::Result<()> {
    // bad
    for byte in File::open("x")?.bytes() {
        work(byte);
    }
    Ok(())
}
