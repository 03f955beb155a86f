def f(ids, cursor):
    for user in User.objects.filter(id__in=ids):
        cursor.execute("INSERT INTO t VALUES (%s)", (user.id,))
        work(user)
    User.objects.get(id=1)
