import requests
from flask import request, session


def fetch():
    session.get("user")
    client = requests.Session()
    client.get("https://api.example.org/users/" + request.args["id"])
    client.get("https://example.org", params=request.args)
