import json
import os
import sqlite3
import subprocess

import boto3


def handler(event, context):
    name = event["queryStringParameters"]["name"]
    subprocess.run("ls " + name, shell=True)  # CWE-78
    os.system(f"ls {event['path']}")  # CWE-78
    connection = sqlite3.connect("x")
    connection.execute("SELECT * FROM t WHERE a = '" + event["a"] + "'")  # CWE-89
    eval(event["code"])  # CWE-94,95
    table = boto3.resource("dynamodb").Table("t")
    table.scan(FilterExpression="a = " + event["a"])  # CWE-943,89
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "text/html"},
        "body": "<h1>" + name + "</h1>",  # CWE-79
    }


def fine(event, context):
    return {"statusCode": 200, "body": json.dumps({"name": event["name"]})}
