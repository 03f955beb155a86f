token = jwt.encode({"id": 1}, key, algorithm="HS256")
