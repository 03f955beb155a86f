def show(request):
    text = request.GET.get("text")
    return HttpResponse(escape(text))


def plain(request):
    return HttpResponse(request.GET.get("text"), content_type="text/plain")
