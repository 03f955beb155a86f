import os

from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


def keys():
    rsa.generate_private_key(public_exponent=65537, key_size=1024)  # CWE-326
    rsa.generate_private_key(65537, 512, default_backend())  # CWE-326
    dsa.generate_private_key(key_size=1024)  # CWE-326
    ec.generate_private_key(ec.SECP192R1())  # CWE-326


def ciphers(key):
    Cipher(algorithms.TripleDES(key), modes.CBC(os.urandom(8)))  # CWE-327
    Cipher(algorithms.AES(key), modes.ECB())  # CWE-327
    Cipher(algorithms.ARC4(key), mode=None)  # CWE-327
    Cipher(algorithms.AES(key), modes.CBC(b"0" * 16))  # CWE-329


def digests():
    hashes.Hash(hashes.MD5())  # CWE-327,328
    hashes.Hash(hashes.SHA1())  # CWE-327,328


def derive(password):
    return PBKDF2HMAC(hashes.SHA256(), 32, b"salt", 1000)  # CWE-916,760


def fine(key):
    rsa.generate_private_key(public_exponent=65537, key_size=4096)
    ec.generate_private_key(ec.SECP384R1())
    Cipher(algorithms.AES(key), modes.GCM(os.urandom(12)))
    hashes.Hash(hashes.SHA256())
    return PBKDF2HMAC(hashes.SHA256(), 32, os.urandom(16), 600_000)
