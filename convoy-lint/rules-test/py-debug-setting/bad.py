from flask import Flask

app = Flask(__name__)
# bad
app.config["DEBUG"] = True
# bad
app.debug = True
