def f(a, b):
    # bad
    if a.width == a.width:
        return True
    # bad
    return a or a
