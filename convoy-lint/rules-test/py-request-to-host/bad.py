import requests
from flask import request


def fetch():
    url = request.args["url"]
    # bad
    requests.request("GET", url)
    session = requests.Session()
    # bad
    session.get("http://" + request.args["host"] + "/a")
