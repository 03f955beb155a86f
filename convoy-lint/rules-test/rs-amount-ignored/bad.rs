fn f(file: &mut File) -> io::Result<()> {
    // bad
    file.read(&mut buf)?;
    // bad
    file.write(text.as_bytes())?;
    // bad
    file.write(b"x").unwrap();
    Ok(())
}
