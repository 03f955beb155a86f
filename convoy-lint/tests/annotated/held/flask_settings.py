import os

from flask import Flask, make_response, request, session
from flask_cors import CORS

app = Flask(__name__)
app.config["SECRET_KEY"] = "a0b3d77e91"  # CWE-798
app.config["SESSION_COOKIE_SECURE"] = False  # CWE-614
app.config["SESSION_COOKIE_HTTPONLY"] = False  # CWE-1004
app.config["WTF_CSRF_ENABLED"] = False  # CWE-352
app.config.update(SESSION_COOKIE_SECURE=False)  # CWE-614
CORS(app, origins="*", supports_credentials=True)  # CWE-942


@app.route("/login", methods=["POST"])
def login():
    answer = make_response("ok")
    answer.set_cookie("session_id", request.form["sid"], secure=False, httponly=False)  # CWE-614,1004
    return answer


@app.route("/remember")
def remember():
    answer = make_response("ok")
    answer.set_cookie("auth_token", os.urandom(16).hex())  # CWE-614,1004
    return answer


@app.route("/theme")
def theme():
    answer = make_response("ok")
    answer.set_cookie("auth_token", os.urandom(16).hex(), secure=True, httponly=True, samesite="Lax")
    return answer


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)  # CWE-489,94,215,668
