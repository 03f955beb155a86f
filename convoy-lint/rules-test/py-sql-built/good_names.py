def empty(cursor, table):
    cursor.execute(f"DELETE FROM {table}")
    cursor.execute("DROP TABLE %s" % table)
