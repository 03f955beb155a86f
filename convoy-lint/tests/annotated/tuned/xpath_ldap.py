import ldap
import lxml.etree
from flask import Flask, request, session
from ldap3 import Connection, Server
from ldap3.utils.conv import escape_filter_chars
from lxml import etree

app = Flask(__name__)


@app.route("/x")
def xpath():
    tree = etree.parse("users.xml")
    name = request.args["name"]
    tree.xpath("//user[@name='" + name + "']")  # CWE-643
    tree.find(f".//user[@name='{name}']")  # CWE-643
    find = etree.XPath("//user[@name='%s']" % name)  # CWE-643
    return str(find(tree))


@app.route("/l")
def search():
    name = request.args["name"]
    connection = Connection(Server("ldap"), auto_bind=True)
    connection.search("dc=example", "(uid=" + name + ")")  # CWE-90
    connection.search(search_base="dc=example", search_filter=f"(uid={name})")  # CWE-90
    old = ldap.initialize("ldap://ldap")
    old.search_s("dc=example", ldap.SCOPE_SUBTREE, "(uid=%s)" % name)  # CWE-90
    return ""


@app.route("/s")
def trust():
    session[request.args["key"]] = request.args["value"]  # CWE-501
    session["user"] = request.args["user"]  # CWE-501
    return ""


@app.route("/xml", methods=["POST"])
def xml():
    parser = etree.XMLParser(resolve_entities=True)  # CWE-611
    etree.fromstring(request.data, parser)
    return ""


@app.route("/fine")
def fine():
    name = request.args["name"]
    tree = lxml.etree.parse("users.xml")
    tree.xpath("//user[@name=$name]", name=name)
    connection = Connection(Server("ldap"), auto_bind=True)
    connection.search("dc=example", "(uid=" + escape_filter_chars(name) + ")")
    return ""
