app.secret_key = os.environ["SECRET_KEY"]
SECRET_KEY = get_secret()


def f():
    SECRET_KEY = "name"
