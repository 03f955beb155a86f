def call(request, thing, name):
    getattr(thing, name)()
    return getattr(thing, "run")(request.args["method"])
