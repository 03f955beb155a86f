from flask import request
from pymongo import MongoClient

users = MongoClient().app.users


def login():
    found = users.find_one({"$where": "this.name == '" + request.args["name"] + "'"})  # CWE-943,89
    other = users.find_one(request.get_json())  # CWE-943,89
    query = request.json["query"]
    third = users.find(query)  # CWE-943,89
    users.delete_many(request.json)  # CWE-943,89
    return found or other or third


def fine():
    return users.find_one({"name": str(request.args["name"])})
