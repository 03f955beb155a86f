import hashlib
import os


def digest(password):
    salt = os.urandom(16)
    return hashlib.scrypt(password, salt=salt, n=2**17, r=8, p=1), salt


def check(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
