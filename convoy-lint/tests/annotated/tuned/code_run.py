import ast
import builtins
import code
import importlib

from flask import Flask, request
from jinja2 import Environment, Template
from jinja2.sandbox import SandboxedEnvironment

app = Flask(__name__)


@app.route("/a")
def a():
    eval(request.args["code"])  # CWE-94,95
    exec("x = " + request.args["code"])  # CWE-94,95
    builtins.eval(request.args["code"])  # CWE-94,95
    program = compile(request.args["code"], "x", "exec")  # CWE-94,95
    importlib.import_module(request.args["module"])  # CWE-94,706,470
    __import__(request.args["module"])  # CWE-94,706,470
    Template(request.args["template"]).render()  # CWE-94,1336
    Environment().from_string(request.args["template"])  # CWE-94,1336
    code.InteractiveConsole().push(request.args["code"])  # CWE-94,95
    getattr(app, request.args["method"])()  # CWE-94,470
    return str(program)


@app.route("/b")
def b():
    ast.literal_eval(request.args["value"])
    eval("1 + 1")
    operations = {"sum": sum, "max": max}
    SandboxedEnvironment().from_string("{{ x }}").render(x=request.args["x"])
    return str(operations[request.args["name"]]([1, 2]))
