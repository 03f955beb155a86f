# bad
ids = Hashids(min_length=5, salt=app.config["SECRET_KEY"])
# bad
ids = Hashids(settings.SECRET_KEY)
