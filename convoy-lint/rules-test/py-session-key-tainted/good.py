from flask import request, session


def remember(own):
    session["theme"] = request.form["theme"]
    session[own] = 1
    data = {}
    data[request.form["key"]] = 1
