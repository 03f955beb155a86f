import hashlib

etag = hashlib.sha256(body).hexdigest()
hashed = hashlib.scrypt(password, salt=salt, n=2**14, r=8, p=1)
