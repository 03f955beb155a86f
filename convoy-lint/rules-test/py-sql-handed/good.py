def find(conn, name):
    return query_one(conn, "SELECT id FROM users WHERE name = %s", (name,))


def rename(self, table, key):
    self._query("UPDATE " + table + " SET seen = 1 WHERE id = ?", key)


def told(logger, name):
    logger.info("no rows WHERE name = '%s'" % name)
