import tarfile
import zipfile

with tarfile.open("x.tgz") as tar:
    tar.extractall("/tmp/x", filter="data")
    tar.extractall("/tmp/x", members=safe(tar))
with zipfile.ZipFile("x.zip") as zip:
    zip.extractall("/tmp/x")
