import sqlite3

import mysql.connector
import psycopg
from flask import request


def by_name(name):
    connection = sqlite3.connect("app.db")
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")  # CWE-89
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)  # CWE-89
    cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")  # CWE-89
    cursor.execute("SELECT * FROM users WHERE name = '{}'".format(name))  # CWE-89
    query = "DELETE FROM users WHERE id = " + request.args["id"]
    cursor.execute(query)  # CWE-89
    connection.executescript("DROP TABLE " + name)  # CWE-89
    return cursor.fetchall()


async def by_id(pool):
    identity = request.args["id"]
    async with pool.connection() as connection:
        await connection.execute(f"UPDATE users SET seen = 1 WHERE id = {identity}")  # CWE-89
        await pool.fetch("SELECT * FROM users WHERE id = " + identity)  # CWE-89


def parts(name):
    cursor = mysql.connector.connect().cursor()
    query = "SELECT * FROM users"
    query += " WHERE name = '" + name + "'"
    cursor.execute(query)  # CWE-89
    where = " AND ".join(["a = '%s'" % name, "b = 1"])
    cursor.execute("SELECT * FROM t WHERE " + where)  # CWE-89


def fine(name):
    connection = psycopg.connect("")
    connection.execute("SELECT * FROM users WHERE name = %s", (name,))
    connection.execute("SELECT * FROM users WHERE id = %d" % int(name))
    table = "users"
    connection.execute("SELECT * FROM " + table)
    query = "SELECT * FROM users WHERE name = ?"
    connection.execute(query, [name])
