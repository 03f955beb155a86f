import hashlib

digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
digest = hashlib.sha256(data)
