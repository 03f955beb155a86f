def f(url, name):
    name.strip(" \t").rstrip("/").lstrip("abc").strip("'\"").rstrip("0.")
    return name.removesuffix(".py")
