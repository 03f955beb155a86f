import tarfile

with tarfile.open("x.tgz") as tar:
    # bad
    tar.extractall("/tmp/x")
