@app.route("/")
def hello():
    name = request.args["name"]
    # bad
    return f"<h1>Hello {name}</h1>"
