def f(request):
    names = locals()
    return render(request, "a.html", {"user": request.user})
