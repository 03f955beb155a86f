import os
import pathlib
from flask import request
from werkzeug.utils import secure_filename


def read():
    path = pathlib.Path("/srv") / secure_filename(request.args["name"])
    return path.read_text()


def save(form):
    form.save(commit=False)
