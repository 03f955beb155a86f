import jinja2
from jinja2 import Environment, FileSystemLoader, select_autoescape
from mako.template import Template


def environments(text):
    jinja2.Environment(autoescape=False)  # CWE-79
    Environment(loader=FileSystemLoader("t"))  # CWE-79
    Template("hello ${name}")  # CWE-79
    Template(text)  # CWE-79,94,1336


def fine():
    Environment(loader=FileSystemLoader("t"), autoescape=True)
    Environment(autoescape=select_autoescape())
