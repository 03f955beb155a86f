def f(x):
    # bad
    if x is "a":
        return 1
    # bad
    return x is not 5
