import ldap3
import re
from flask import request
from ldap3.utils.conv import escape_filter_chars


def find(conn, own):
    name = request.form["name"]
    conn.search("ou=people", f"(uid={escape_filter_chars(name)})")
    conn.search("ou=people", own)
    re.search("a+", name)
