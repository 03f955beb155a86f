from flask import request, session


def remember():
    key = request.form["key"]
    # bad
    session[key] = 1
