def f(x):
    # bad
    y = x.a if x else x.a
    # bad
    if y:
        work(1)
    else:
        work(1)
