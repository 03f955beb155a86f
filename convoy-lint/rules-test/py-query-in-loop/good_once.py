revision = "b"
down_revision = "a"


def upgrade():
    for row in rows:
        found = conn.execute("SELECT name FROM t WHERE id = %s", (row.id,))
        use(found)
