import tempfile

# bad
name = tempfile.mktemp(suffix=".x")
