fn open(path: &Path) {
    // bad
    fs::set_permissions(path, Permissions::from_mode(0o777));
    // bad
    OpenOptions::new().mode(0o666).open(path);
}
