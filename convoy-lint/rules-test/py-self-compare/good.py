def f(a, b):
    return a.width == b.width or a != a or (a and a or b) or next(a) == next(a)
