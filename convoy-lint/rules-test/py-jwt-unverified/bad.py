import jwt


def read(token, key):
    # bad
    jwt.decode(token, options={"verify_signature": False})
    # bad
    jwt.decode(token, key, verify=False)
    # bad
    jwt.decode(token, key, algorithms=["none"])
