import tempfile

name = tempfile.mkstemp()
