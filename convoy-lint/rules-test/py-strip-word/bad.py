def f(url, name):
    # bad
    host = url.lstrip("https://")
    # bad
    return name.rstrip(".py")
