def f(ids, cursor):
    for id in ids:
        # bad
        user = User.objects.get(id=id)
        # bad
        cursor.execute("SELECT * FROM t WHERE id = %s", (id,))
