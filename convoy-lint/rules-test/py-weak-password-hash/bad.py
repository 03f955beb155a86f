import hashlib

# bad
hashed = hashlib.md5(password.encode("utf-8")).hexdigest()
# bad
other = hashlib.sha256(user.password).hexdigest()
