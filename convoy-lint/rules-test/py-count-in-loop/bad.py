def f(items):
    for x in items:
        # bad
        if items.count(x) > 1:
            work(x)
    # bad
    return [x for x in items if items.count(x) > 1]
