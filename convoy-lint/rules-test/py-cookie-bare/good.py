def login(response, token, options):
    response.set_cookie("auth_token", token, secure=True, httponly=True)
    response.set_cookie("theme", "dark")
    response.set_cookie("csrftoken", token)
    response.set_cookie("session", token, **options)
