app.config["WTF_CSRF_ENABLED"] = True


class TestConfig(Config):
    WTF_CSRF_ENABLED = False


class Config:
    WTF_CSRF_ENABLED = env("CSRF")
