import os
import tempfile
from tempfile import mktemp


def temporary(data):
    name = tempfile.mktemp()  # CWE-377
    other = mktemp(".txt")  # CWE-377
    with open("/tmp/report.txt", "w") as file:  # CWE-377,379
        file.write(data)
    os.chmod(name, 0o777)  # CWE-732
    os.chmod(other, 0o666)  # CWE-732
    os.umask(0)  # CWE-732


def fine(data):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(data)
        os.chmod(file.name, 0o600)
