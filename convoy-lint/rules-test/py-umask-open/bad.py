import os

# bad
os.umask(0)
