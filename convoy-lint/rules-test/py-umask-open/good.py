import os

os.umask(0o077)
old = os.umask(0)
os.umask(old)
