def derive(password, salt):
    # bad
    hashlib.pbkdf2_hmac("sha256", password, salt, 1000)
    # bad
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, 1000)
