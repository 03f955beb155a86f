from flask import request
import lxml.etree


def find(tree, own):
    name = request.args.get("name")
    tree.xpath("/users/user[@name=$name]", name=name)
    tree.xpath(own)
    if name not in ("a", "b"):
        return None
    return tree.xpath(f"/users/user[@name='{name}']")
