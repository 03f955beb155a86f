TABLE = "users"


def find(cursor, name, ids, executor, limit: int):
    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))
    cursor.execute(f"SELECT * FROM {TABLE} LIMIT 1")
    marks = ",".join("?" * len(ids))
    cursor.execute("SELECT * FROM t WHERE id IN (" + marks + ")", ids)
    cursor.execute(f"SELECT * FROM t LIMIT {int(name)}")
    cursor.execute(f"SELECT * FROM t LIMIT {limit}")
    executor.execute("task " + name)
    cursor.execute(select(User).where(User.name == name))
    columns = ["a", "b"]
    for column in columns:
        cursor.execute(f"SELECT {column} FROM t")
