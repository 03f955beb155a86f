DB_PASSWORD = os.environ["DB_PASSWORD"]
PASSWORD = "changeme"
password = "password"
api_key = ""
secret_key = "SECRET_KEY"
access_token = "oauth/access_token"
password_field = "user99pass"
field = Field(password="S3cret99x")
