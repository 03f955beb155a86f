def f(request):
    # bad
    return render(request, "a.html", locals())


def g():
    # bad
    return render_template("a.html", **globals())
