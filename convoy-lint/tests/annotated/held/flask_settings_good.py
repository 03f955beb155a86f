import os

from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
app.config["SESSION_COOKIE_SECURE"] = True
app.config["SESSION_COOKIE_HTTPONLY"] = True
app.config.update(SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_ENABLED=True)
CORS(app, origins=["https://app.example.org"], supports_credentials=True)

if __name__ == "__main__":
    app.run(debug=bool(os.environ.get("DEV")))
