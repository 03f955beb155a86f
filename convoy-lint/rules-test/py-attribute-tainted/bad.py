def call(request, thing):
    # bad
    return getattr(thing, request.args["method"])()


def g(request):
    # bad
    return globals()[request.GET["name"]]()
