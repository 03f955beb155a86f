def run(request, text):
    # bad: from the request
    eval(request.args["code"])
    # bad: unknown
    exec(text, {})


@app.get("/run")
def named_like_code(request):
    code = request.args["c"]
    # bad: its name says nothing of where it comes from
    eval(code)
    # bad: the same
    exec(code)
