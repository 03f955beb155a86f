def show(request):
    # bad
    return HttpResponse(request.GET.get("text"))
