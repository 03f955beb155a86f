from flask import request, session


def trust():
    name = request.args["user"]
    # bad
    session["user"] = name
