def connect(user, password):
    requests.get("https://api.example.org", auth=(user, password))
    create_engine("postgres://user:password@db/app")
    create_engine("postgresql://scott:tiger@localhost/test")
    create_engine(f"postgres://{user}:{password}@db/app")
    login(password="password")


DATABASES = {"default": {"ENGINE": "x", "PASSWORD": os.environ["DB_PASSWORD"]}}
