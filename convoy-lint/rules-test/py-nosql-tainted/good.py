from flask import request
from pymongo import MongoClient

users = MongoClient().app.users


def login():
    at = "a b".find(" ")
    return users.find_one({"name": str(request.args["name"])}), at
