import os
import pathlib
from flask import request


def read():
    path = pathlib.Path("/srv") / request.args["name"]
    # bad
    if os.path.exists("/srv/" + request.args["name"]):
        # bad
        return path.read_text()
    return ""


def upload():
    file = request.files["file"]
    # bad
    file.save(os.path.join("/srv", file.filename))
