import jwt

SIGNING = "k3y-0f-the-realm"


def token(user):
    # bad
    return jwt.encode({"user": user}, SIGNING, algorithm="HS256")


def other(user):
    # bad
    return jwt.encode({"user": user}, "a-key", algorithm="HS256")
