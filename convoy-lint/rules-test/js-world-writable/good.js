fs.chmodSync('/srv/a', 0o755);
