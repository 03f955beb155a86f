# bad
app.secret_key = "supersecretkey"
# bad
app.config["SECRET_KEY"] = "dev"
# bad
SECRET_KEY = "django-insecure-abc"
