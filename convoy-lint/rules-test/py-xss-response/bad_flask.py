from flask import Flask, request

app = Flask(__name__)


@app.route("/")
def hello():
    name = request.args["name"]
    answer = ""
    answer += f"hello {name}"
    # bad
    return answer
