from flask import request
from lxml import etree


def user(tree):
    at = request.path.find("//")
    return tree.find(".//user"), at
