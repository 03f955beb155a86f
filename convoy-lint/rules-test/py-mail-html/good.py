def f(request):
    send_mail("a", request.POST["text"], sender, [to])
    send_mail("a", "b", sender, [to], html_message=render_to_string("a.html", {"name": request.POST["name"]}))
