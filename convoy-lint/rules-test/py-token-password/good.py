import jwt

token = jwt.encode({"user": name}, key, algorithm="HS256")
form = {"password": password}
