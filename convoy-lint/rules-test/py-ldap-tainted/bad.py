import ldap3
from flask import request


def find(conn):
    name = request.form["name"]
    # bad
    conn.search("ou=people", f"(uid={name})", attributes=ldap3.ALL_ATTRIBUTES)
