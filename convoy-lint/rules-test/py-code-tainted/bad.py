import importlib
from flask import request
from jinja2 import Environment, Template


def run():
    # bad
    compile(request.args["code"], "x", "exec")
    # bad
    importlib.import_module(request.args["module"])
    # bad
    Template(request.args["template"]).render()
    # bad
    return Environment().from_string(request.args["template"])
