from flask import request
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from .models import User

engine = create_engine("sqlite://")


def filtered():
    name = request.args["name"]
    with Session(engine) as session:
        session.execute(text("SELECT * FROM users WHERE name = '" + name + "'"))  # CWE-89
        session.query(User).filter(text("name = '%s'" % name)).all()  # CWE-89
        session.query(User).filter("name = '%s'" % name).all()  # CWE-89
        session.query(User).order_by(text(f"{name} desc")).all()  # CWE-89
        statement = text("SELECT * FROM users WHERE name = '{}'".format(name))  # CWE-89
        session.execute(statement)
        engine.execute("SELECT * FROM users WHERE id = " + request.args["id"])  # CWE-89


def good():
    name = request.args["name"]
    with Session(engine) as session:
        session.execute(text("SELECT * FROM users WHERE name = :name"), {"name": name})
        session.execute(select(User).where(User.name == name))
        session.query(User).filter(User.name == name).all()
        session.query(User).filter_by(name=name).all()
