import hashlib


def is_pwned(password):
    digest = hashlib.sha1(password.encode()).hexdigest().upper()
    return digest[5:] in leaked(digest[:5])
