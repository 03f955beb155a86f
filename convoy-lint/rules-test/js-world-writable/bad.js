// bad
fs.chmodSync('/srv/a', 0o777);
