import os
from flask import Flask, request

app = Flask(__name__)


@app.route("/run/<int:number>")
def run(number):
    os.spawnlp(os.P_WAIT, "date", "date")
    return "ok"
