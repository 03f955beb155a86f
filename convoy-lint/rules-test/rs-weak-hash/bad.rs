fn digest(data: &[u8]) {
    // bad
    let digest = md5::compute(data);
    // bad
    let mut hasher = Sha1::new();
}
