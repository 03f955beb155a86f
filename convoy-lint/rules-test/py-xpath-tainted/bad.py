from flask import request
import lxml.etree


def find(tree):
    name = request.args.get("name")
    query = f"/users/user[@name='{name}']"
    # bad
    tree.xpath(query)
    # bad
    lxml.etree.XPath("//a[@b='" + name + "']")
