import os
from os import system as s
from flask import request

ALLOWED = ["a"]


def places():
    items = ["keep", request.args["value"], "last"]
    items.pop(0)
    # bad
    os.system("ls " + items[0])


def another_name():
    table = {"a": "safe"}
    other = table
    other["a"] = request.args["value"]
    # bad
    os.system("ls " + table["a"])


def updated():
    table = {"a": "safe"}
    table.update({"a": request.args["value"]})
    # bad
    os.system("ls " + table["a"])


def fill(table, value):
    table["a"] = value


def handed():
    table = {"a": "safe"}
    fill(table, request.args["value"])
    # bad
    os.system("ls " + table["a"])


def helper(text):
    return "echo " + text


def called():
    # bad
    os.system(helper(request.args["text"]))


def learn():
    ALLOWED.append(request.args["value"])


def allowed():
    value = request.args["value"]
    if value in ALLOWED:
        # bad
        s("ls " + value)
