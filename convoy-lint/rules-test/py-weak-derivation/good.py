def derive(password, salt):
    hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
    return PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=480000)
