from flask import Flask, request, make_response, render_template_string
from markupsafe import Markup, escape

app = Flask(__name__)


@app.route("/hello")
def hello():
    name = request.args.get("name", "you")
    return "<h1>Hello " + name + "</h1>"  # CWE-79


@app.route("/hello2")
def hello_format():
    name = request.args["name"]
    body = "<p>{}</p>".format(name)
    return make_response(body)  # CWE-79


@app.route("/item/<title>")
def item(title):
    return f"<b>{title}</b>"  # CWE-79


@app.route("/badge")
def badge():
    label = request.args.get("label")
    return Markup("<span>%s</span>" % label)  # CWE-79


@app.route("/card")
def card():
    text = request.form["text"]
    return render_template_string("<div>" + text + "</div>")  # CWE-94,1336,79


@app.route("/safe")
def safe():
    name = escape(request.args.get("name", ""))
    return "<h1>Hello " + name + "</h1>"


@app.route("/safe2")
def safe_template():
    return render_template_string("<h1>{{ name }}</h1>", name=request.args.get("name"))
