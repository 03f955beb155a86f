import hashlib


def digest(password):
    # bad
    return hashlib.scrypt(password, salt=b"D8VxSmTZt2E2YV454mkqAY5e", n=2**17, r=8, p=1)


def other(password):
    salt = b"pepper-and-salt"
    # bad
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
