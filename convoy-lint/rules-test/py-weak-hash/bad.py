import hashlib

# bad
digest = hashlib.md5(data).hexdigest()
