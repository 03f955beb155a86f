import psycopg2


def start(user):
    # bad
    psycopg2.connect(host="db", user="app", password="")
    # bad
    user.set_password("")
