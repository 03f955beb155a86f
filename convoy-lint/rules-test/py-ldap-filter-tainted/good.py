from flask import request
import ldap


def search(connection, name):
    connection.search(search_base="dc=example", search_filter="(uid=admin)")
    connection.search(search_base="dc=example", search_filter=f"(uid={escape_filter_chars(request.args['name'])})")
