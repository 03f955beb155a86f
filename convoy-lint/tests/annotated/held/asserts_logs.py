import logging
import re

from flask import Flask, request

logger = logging.getLogger(__name__)
app = Flask(__name__)


@app.route("/a")
def a():
    password = request.form["password"]
    logger.info("password is %s", password)  # CWE-532
    logging.debug(f"token={request.headers['token']}")  # CWE-532,117
    re.compile(request.args["pattern"])  # CWE-1333,400
    re.search(request.args["pattern"], "text")  # CWE-1333,400
    app.logger.info("search for " + request.args["q"])  # CWE-117
    return ""


@app.route("/b")
def b():
    re.search(re.escape(request.args["pattern"]), "text")
    logger.info("signed in")
    return ""
