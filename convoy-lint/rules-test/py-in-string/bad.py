def f(x):
    # bad
    return x in ("admin")
