def login(response, token):
    # bad
    response.set_cookie("session", token, httponly=False)
    # bad
    response.set_cookie("auth_token", token, secure=False, httponly=True)
    # bad
    response.set_signed_cookie(SESSION_COOKIE, token, secure=False)
