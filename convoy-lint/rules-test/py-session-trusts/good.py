from flask import request, session


def login():
    name = request.form["user"]
    session["lang"] = request.args["lang"]
    if not is_right(name, request.form["password"]):
        return "no"
    session["user"] = name
    return "yes"
