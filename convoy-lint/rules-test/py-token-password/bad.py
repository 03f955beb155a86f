import jwt

# bad
token = jwt.encode({"user": name, "password": password}, key, algorithm="HS256")
# bad
payload = {"user": name, "password": password}
token = jwt.encode(payload, key, algorithm="HS256")
