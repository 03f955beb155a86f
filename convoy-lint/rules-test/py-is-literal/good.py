def f(x):
    return x is None or x == "a" or "x is 5" in x or x is True
