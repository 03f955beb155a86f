import requests


@app.get("/users/{name}")
def user(name: str, session: Session):
    # The session of a database that is handed over is no data of the request.
    return session.get(User, name), session.get(session)


def fetch(request):
    with requests.Session() as own:
        own.get("https://api.example/a", params=request.GET)
