fn f(file: &mut File) -> io::Result<()> {
    let n = file.read(&mut buf)?;
    file.write_all(text.as_bytes())?;
    header.write(&mut out)?;
    header.read(&mut reader)?;
    Ok(())
}
