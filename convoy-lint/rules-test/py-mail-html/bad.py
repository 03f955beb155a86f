def f(request):
    body = "<p>Hello " + request.POST["name"] + "</p>"
    # bad
    send_mail("a", "b", sender, [to], html_message=body)
    # bad
    message.attach_alternative(f"<b>{request.POST['name']}</b>", "text/html")
