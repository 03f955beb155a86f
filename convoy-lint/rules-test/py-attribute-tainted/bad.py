def call(request, thing):
    # bad
    return getattr(thing, request.args["method"])()
