import jwt

jwt.encode({"a": 1}, key, algorithm="HS256")
