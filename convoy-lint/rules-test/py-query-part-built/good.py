from sqlalchemy.orm import Query


def f(query, name):
    query.filter(User.name == name)
    query.filter("a = 1")
    query.group_by(name)
