def find(cursor, name, request):
    # bad
    cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")
    # bad
    cursor.execute(f"SELECT * FROM users WHERE name = '{name}'", ())
    query = "SELECT * FROM t WHERE id = %s" % request.GET["id"]
    # bad
    cursor.execute(query)
    sql = "SELECT 1"
    sql += " WHERE x = {}".format(name)
    # bad
    connection.cursor().execute(sql)
    # bad
    User.objects.raw("SELECT * FROM users WHERE name = '%s'" % name)
