import jwt


def read(token, key):
    jwt.decode(token, key, algorithms=["HS256"])
    jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": False})
