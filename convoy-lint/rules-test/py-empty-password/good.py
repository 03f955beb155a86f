import os
import psycopg2


def start(user, given, connect):
    psycopg2.connect(host="db", user="app", password=os.environ["DB_PASSWORD"])
    user.set_password(given)
    user.set_password(None)
