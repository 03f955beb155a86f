def login(response, token, request):
    response.set_cookie("session", token, secure=True, httponly=True)
    response.set_cookie("session", token)
    response.set_cookie("theme", "dark", httponly=False)
    response.set_cookie("session", token, secure=request.is_secure(), httponly=True)
    response.set_cookie("csrftoken_hint", token, max_age=5)
