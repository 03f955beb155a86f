def f(request, text):
    limit = int(request.GET["limit"])
    other = float(text)
