import tempfile


def keep(text):
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(text)
    with open("/tmp/report.txt") as file:
        return file.read()
