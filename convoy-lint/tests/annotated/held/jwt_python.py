import jwt
from jose import jwt as jose
from flask import request


def read():
    token = request.headers["Authorization"]
    jwt.decode(token, options={"verify_signature": False})  # CWE-347
    jwt.decode(token, "", verify=False)  # CWE-347
    jwt.decode(token, None, algorithms=["none"])  # CWE-347,327
    jwt.encode({"a": 1}, None, algorithm="none")  # CWE-347,327
    jose.encode({"a": 1}, "hard-coded-value-1", algorithm="HS256")  # CWE-798


def fine(key):
    token = request.headers["Authorization"]
    return jwt.decode(token, key, algorithms=["HS256"])
