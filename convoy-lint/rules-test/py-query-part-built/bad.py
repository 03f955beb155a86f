from sqlalchemy.orm import Query


def f(query, name):
    # bad
    query.filter("name = '{}'".format(name))
    # bad
    query.having(f"count > {name}")
    # bad
    query.group_by("a" + name)
