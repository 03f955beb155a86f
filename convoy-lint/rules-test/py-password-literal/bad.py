# bad
DB_PASSWORD = "hunter2!x9"
# bad
conn = psycopg2.connect(host="db", password="S3cret99x")
# bad
app.config["SECRET_KEY"] = "d41d8cd98f00"
