from flask import request
from pymongo import MongoClient

users = MongoClient().app.users


def login():
    # bad
    users.find_one(request.get_json())
    # bad
    return users.find_one({"$where": "this.name == '" + request.args["name"] + "'"})
