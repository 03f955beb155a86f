fn open(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o755));
    OpenOptions::new().mode(0o600).open(path);
}
