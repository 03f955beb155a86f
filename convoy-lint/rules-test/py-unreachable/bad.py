def g(x):
    raise ValueError
    # bad
    work(x)


def k(items):
    for item in items:
        continue
        # bad
        if item:
            work(item)
