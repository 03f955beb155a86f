def f(x):
    return x in ("admin",) or "a" in x or x in ("a b") or x in "admin"
