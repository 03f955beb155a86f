import os

import bottle
from bottle import request, response, route
from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response
from pyramid.view import view_config


@route("/a")
def a():
    return "<b>" + request.query.get("name") + "</b>"  # CWE-79


@route("/b")
def b():
    os.system("ls " + bottle.request.forms.get("dir"))  # CWE-78
    response.set_cookie("session", "x", secret="bottle-secret-1")  # CWE-798,614,1004
    bottle.redirect(request.query.next)  # CWE-601


@view_config(route_name="home")
def home(request):
    return Response("<h1>" + request.params["name"] + "</h1>")  # CWE-79


@view_config(route_name="out")
def out(request):
    raise HTTPFound(location=request.params["next"])  # CWE-601


@view_config(route_name="fine")
def fine(request):
    return Response("<h1>ready</h1>")
