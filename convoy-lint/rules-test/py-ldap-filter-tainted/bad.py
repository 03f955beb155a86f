from flask import request
import ldap


def search(connection, name):
    # bad
    connection.search(search_base="dc=example", search_filter=f"(uid={request.args['name']})")
    # bad
    connection.search_ext_s("dc=example", ldap.SCOPE_SUBTREE, "(uid=%s)" % request.args["name"])
