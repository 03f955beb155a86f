from flask import request
from lxml import etree


def user(tree):
    name = request.args["name"]
    # bad
    return tree.find(f".//user[@name='{name}']")
