import os
from flask import request

ALLOWED = ["a"]


def places():
    items = ["keep", request.args["value"], "last"]
    items.pop(0)
    os.system("ls " + items[1])
    items.insert(0, "ls")
    os.system(items[0])


def another_key():
    table = {"a": "safe", "b": request.args["value"]}
    table.update({"c": request.args["value"]})
    os.system("ls " + table["a"])


def helper(text):
    return "fixed"


def called():
    os.system(helper(request.args["text"]))


def allowed():
    value = request.args["value"]
    if value in ALLOWED:
        os.system("ls " + value)
