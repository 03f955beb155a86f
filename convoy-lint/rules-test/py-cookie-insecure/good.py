def keep(response, name, value, app):
    response.set_cookie(name, value, secure=app.secure)
    response.set_cookie("theme", value, secure=False)
