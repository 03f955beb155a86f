import os

import boto3
import jwt
import psycopg2
import pymysql
import requests
from twilio.rest import Client

API_KEY = "9f8b3d6a1c5e4f7088aa"  # CWE-798
password = "hunter2isbad"  # CWE-798


def connect():
    psycopg2.connect(host="db", user="app", password="Pa55w0rd!x")  # CWE-798
    pymysql.connect(host="db", user="root", passwd="toor1234")  # CWE-798
    boto3.client("s3", aws_access_key_id="AKIAIOSFODNN7EXAMPLF", aws_secret_access_key="wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEYa")  # CWE-798


def token(user):
    return jwt.encode({"user": user}, "my-signing-key", algorithm="HS256")  # CWE-798


SIGNING = "k3y-0f-the-realm"


def token_by_name(user):
    return jwt.encode({"user": user}, SIGNING, algorithm="HS256")  # CWE-798


def login():
    requests.get("https://api.example.org", auth=("admin", "Adm1n!pass"))  # CWE-798
    requests.get("https://api.example.org", headers={"Authorization": "Bearer 8d7f6a5s4d3f2g1h0j9k"})  # CWE-798


def login_url():
    return "postgres://root:Qwerty99@db.internal:5432/app"  # CWE-798


def fine():
    password = os.environ["PASSWORD"]
    psycopg2.connect(host="db", user="app", password=password)
    jwt.encode({}, os.environ["JWT_KEY"], algorithm="HS256")
    return {"password": "", "token_url": "https://example.org/token"}
