@app.route("/")
def hello():
    name = request.args["name"]
    return f"<h1>Hello {escape(name)}</h1>"


@app.route("/plain")
def plain():
    return "<h1>Hello</h1>"


def inner(request):
    return "a" + request.args["x"]
