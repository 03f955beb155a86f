def f(x):
    if x:
        return x
    work()


def g():
    return
    yield


def h():
    raise NotImplementedError
    return None
