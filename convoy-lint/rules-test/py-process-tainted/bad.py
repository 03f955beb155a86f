import os
import pty
from flask import Flask, request

app = Flask(__name__)


@app.route("/run/<name>")
def run(name):
    # bad
    os.spawnlp(os.P_WAIT, name, name)
    # bad
    pty.spawn(request.args["program"])
    return "ok"
