import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.route("/a")
def first():
    value = request.args.get("value")
    guess = "ABC"[1]
    match guess:
        case "A":
            command = value
        case "B":
            command = "ls"
        case _:
            command = value
    subprocess.run(command, shell=True)
    return ""


@app.route("/b")
def second():
    value = request.args.get("value")
    number = 106
    command = value if 7 * 42 - number > 200 else "ls"
    subprocess.run(command, shell=True)
    return ""


@app.route("/c")
def third():
    value = request.args.get("value")
    number = 86
    command = "ls" if 7 * 42 - number > 300 else value
    subprocess.run(command, shell=True)  # CWE-78
    return ""


def helper(text):
    return "echo " + text


@app.route("/d")
def fourth():
    subprocess.run(helper(request.args["text"]), shell=True)  # CWE-78
    return ""


class Thing:
    def get(self, text):
        return "constant"


@app.route("/e")
def fifth():
    value = request.cookies.get("value")
    import configparser

    conf = configparser.ConfigParser()
    conf.add_section("s")
    conf.set("s", "a", "plain")
    conf.set("s", "b", value)
    subprocess.run("ls " + conf.get("s", "b"), shell=True)  # CWE-78
    subprocess.run("ls " + conf.get("s", "a"), shell=True)
    return ""
