# bad
app.config["WTF_CSRF_ENABLED"] = False


class Production(Config):
    # bad
    WTF_CSRF_ENABLED = False
