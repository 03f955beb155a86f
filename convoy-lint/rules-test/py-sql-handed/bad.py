def find(conn, name):
    # bad
    return query_one(conn, "SELECT id FROM users WHERE name = '%s'" % name)


def rename(self, name, key):
    text = "UPDATE users SET name = '" + name + "' WHERE id = '" + key + "'"
    # bad
    self._query(text)
