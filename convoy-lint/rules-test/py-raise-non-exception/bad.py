def f():
    # bad
    raise NotImplemented


def g():
    # bad
    raise "wrong"
