import hashlib
import ssl

from Crypto.Cipher import AES, ARC4, DES, Blowfish
from Crypto.Hash import MD5, SHA
from Crypto.PublicKey import DSA, RSA


def digest(data, password):
    a = hashlib.md5(data).hexdigest()  # CWE-327,328
    b = hashlib.sha1(data)  # CWE-327,328
    c = hashlib.new("md5", data)  # CWE-327,328
    d = MD5.new(data)  # CWE-327,328
    e = SHA.new(data)  # CWE-327,328
    f = hashlib.sha256(password.encode()).hexdigest()  # CWE-916
    return a, b, c, d, e, f


def cipher(key):
    AES.new(key, AES.MODE_ECB)  # CWE-327
    DES.new(key, DES.MODE_CBC, b"12345678")  # CWE-327,326,329
    ARC4.new(key)  # CWE-327
    Blowfish.new(key, Blowfish.MODE_CBC, b"12345678")  # CWE-327,329
    AES.new(key, AES.MODE_CBC, b"0123456789abcdef")  # CWE-329


def keys():
    RSA.generate(1024)  # CWE-326
    DSA.generate(bits=1024)  # CWE-326


def context():
    ssl.wrap_socket(None, ssl_version=ssl.PROTOCOL_SSLv3)  # CWE-327,326,295
    ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # CWE-327,326
    ssl._create_unverified_context()  # CWE-295


def fine(key, data):
    hashlib.sha256(data)
    hashlib.md5(data, usedforsecurity=False)
    AES.new(key, AES.MODE_GCM)
    RSA.generate(3072)
    return ssl.create_default_context()
