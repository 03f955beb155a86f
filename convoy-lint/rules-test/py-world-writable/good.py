os.chmod(path, 0o755)
path.chmod(0o600)
