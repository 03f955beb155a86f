def keep(response, name, value):
    # bad
    response.set_cookie(name, value, secure=False, httponly=True)
