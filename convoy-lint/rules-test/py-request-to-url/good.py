def proxy(request):
    return requests.get("https://example.com", params=request.GET, timeout=5)
