import os
import pathlib
import shutil
import tarfile
import zipfile

from flask import Flask, abort, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

app = Flask(__name__)
ROOT = "/srv/files"


@app.route("/read")
def read():
    name = request.args["name"]
    with open(name) as file:  # CWE-22
        return file.read()


@app.route("/joined")
def joined():
    path = os.path.join(ROOT, request.args["name"])
    return send_file(path)  # CWE-22


@app.route("/pathlib")
def by_pathlib():
    path = pathlib.Path(ROOT) / request.args["name"]
    return path.read_text()  # CWE-22


@app.route("/remove")
def remove():
    os.remove(ROOT + "/" + request.args["name"])  # CWE-22
    shutil.rmtree(os.path.join(ROOT, request.form["dir"]))  # CWE-22
    return ""


@app.route("/upload", methods=["POST"])
def upload():
    file = request.files["file"]
    file.save(os.path.join(ROOT, file.filename))  # CWE-22,434
    return ""


def unpack(name):
    tarfile.open(name).extractall()  # CWE-22
    with tarfile.open(name) as archive:
        archive.extractall("/srv")  # CWE-22


@app.route("/fine")
def fine():
    name = secure_filename(request.args["name"])
    path = os.path.realpath(os.path.join(ROOT, request.args["name"]))
    if not path.startswith(ROOT + "/"):
        abort(404)
    with open(os.path.join(ROOT, name)) as one, open(path) as two:
        one.read()
        two.read()
    with tarfile.open("a.tar") as archive:
        archive.extractall("/srv", filter="data")
    return send_from_directory(ROOT, request.args["name"])
