import os

from flask import Flask, request

app = Flask(__name__)


@app.route("/a")
def first():
    value = request.args.get("value")
    items = ["keep", value, "last"]
    items.pop(0)
    os.system("ls " + items[0])  # CWE-78
    return ""


@app.route("/b")
def second():
    value = request.args.get("value")
    items = ["keep", value, "last"]
    items.pop(1)
    os.system("ls " + items[1])
    return ""


@app.route("/c")
def third():
    value = request.args.get("value")
    table = {"a": "safe"}
    other = table
    other["a"] = value
    os.system("ls " + table["a"])  # CWE-78
    return ""


@app.route("/d")
def fourth():
    value = request.args.get("value")
    table = {"a": "safe"}
    table.update({"a": value})
    os.system("ls " + table["a"])  # CWE-78
    return ""


def fill(table, value):
    table["a"] = value


@app.route("/e")
def fifth():
    table = {"a": "safe"}
    fill(table, request.args.get("value"))
    os.system("ls " + table["a"])  # CWE-78
    return ""


@app.route("/f")
def sixth():
    allowed = ["a"]
    allowed.append(request.args["value"])
    value = request.args["value"]
    if value in allowed:
        os.system("ls " + value)  # CWE-78
    return ""
