import jwt

SIGNING = os.environ["KEY"]


def token(user):
    return jwt.encode({"user": user}, SIGNING, algorithm="HS256")
