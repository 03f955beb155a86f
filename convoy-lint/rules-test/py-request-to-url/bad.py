def proxy(request):
    # bad
    return requests.get(request.GET["url"], timeout=5)
