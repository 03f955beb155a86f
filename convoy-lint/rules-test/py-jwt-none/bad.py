import jwt

# bad
jwt.encode({"a": 1}, None, algorithm="none")
# bad
jwt.decode(token, None, algorithms=["none"])
