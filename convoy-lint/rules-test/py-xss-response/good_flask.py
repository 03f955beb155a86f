from flask import Flask, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/")
def hello():
    answer = "hello "
    answer += escape(request.args["name"])
    return answer


@app.route("/data")
def data():
    data = request.get_json()
    return data


def inner(name):
    answer = "hello " + request.args["name"]
    return answer
