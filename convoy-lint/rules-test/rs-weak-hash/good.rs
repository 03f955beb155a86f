fn digest(data: &[u8]) {
    let digest = Sha256::digest(data);
}
