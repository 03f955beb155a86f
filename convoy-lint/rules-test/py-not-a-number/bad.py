def f(request):
    # bad
    limit = float(request.GET["limit"])
