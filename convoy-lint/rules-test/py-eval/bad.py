def run(request, text):
    # bad: from the request
    eval(request.args["code"])
    # bad: unknown
    exec(text, {})
