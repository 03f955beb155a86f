def f():
    raise NotImplementedError("text")


def g():
    raise ValueError("wrong") from None
