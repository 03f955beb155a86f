from flask import request
from sqlalchemy import text


def filtered(session):
    name = request.args["name"]
    # bad
    session.query(User).filter(text("name = '%s'" % name)).all()
    # bad
    session.query(User).filter("name = '%s'" % name).all()
    # bad
    session.query(User).order_by(text(f"{name} desc")).all()
