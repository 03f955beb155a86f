# bad
token = jwt.encode({"id": 1}, "s3cret", algorithm="HS256")
