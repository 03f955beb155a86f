def f(items, other):
    for x in items:
        if other.count(x) > 1:
            work(x)
    return items.count(1)
