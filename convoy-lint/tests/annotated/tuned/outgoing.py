import http.client
import socket
import urllib.request
from urllib.parse import urlparse
from urllib.request import urlopen

import httpx
import requests
from flask import Flask, abort, request
from requests import get as fetch

app = Flask(__name__)
ALLOWED = {"api.example.org"}


@app.route("/a")
def a():
    url = request.args["url"]
    requests.get(url)  # CWE-918
    fetch(url)  # CWE-918
    requests.post("http://" + request.args["host"] + "/api", json={})  # CWE-918
    urlopen(url)  # CWE-918
    urllib.request.urlopen(f"https://{request.args['host']}")  # CWE-918
    httpx.get(url)  # CWE-918
    requests.request("GET", url)  # CWE-918
    session = requests.Session()
    session.get(url)  # CWE-918
    http.client.HTTPConnection(request.args["host"])  # CWE-918
    socket.create_connection((request.args["host"], 80))  # CWE-918
    return ""


@app.route("/b")
def b():
    requests.get("https://example.org", verify=False)  # CWE-295
    url = request.args["url"]
    if urlparse(url).hostname not in ALLOWED:
        abort(400)
    requests.get(url)
    requests.get("https://api.example.org/users/" + request.args["id"])
    return ""
