from flask import request
from sqlalchemy import text


def filtered(session):
    name = request.args["name"]
    session.query(User).filter(User.name == name).all()
    session.query(User).filter(text("name = :name")).params(name=name).all()
