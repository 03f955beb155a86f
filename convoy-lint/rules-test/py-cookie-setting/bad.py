# bad
app.config["SESSION_COOKIE_SECURE"] = False
# bad
app.config.update(SESSION_COOKIE_HTTPONLY=False)
# bad
SESSION_COOKIE_SECURE = False
