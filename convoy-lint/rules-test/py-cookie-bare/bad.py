def login(response, token):
    # bad
    response.set_cookie("auth_token", token)
