def connect():
    # bad
    requests.get("https://api.example.org", auth=("admin", "Adm1n!pass"))
    # bad
    requests.get("https://api.example.org", headers={"Authorization": "Bearer 8d7f6a5s4d3f2g1h0j9k"})
    # bad
    create_engine("postgres://root:Qwerty99@db.internal:5432/app")
    # bad
    boto3.client("s3", aws_secret_access_key="wJalrXUtnFEMIK7MDENGbPxRfiCYab")


DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        # bad
        "PASSWORD": "s3cr3t-Pass1",
    }
}
