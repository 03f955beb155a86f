import importlib
import re
from flask import request
from jinja2 import Environment, Template


def run():
    re.compile("a")
    importlib.import_module("json")
    return Template("{{ name }}").render(name=request.args["name"])
