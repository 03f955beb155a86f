ids = Hashids(salt=app.config["ID_SALT"])
ids = Hasher(salt=settings.SECRET_KEY)
