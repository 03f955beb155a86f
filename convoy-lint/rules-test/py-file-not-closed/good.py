def f(name):
    with open(name) as file:
        return file.read()


def g(name):
    file = open(name)
    try:
        return file.read()
    finally:
        file.close()


def h(name):
    file = open(name)
    return file


def k(name):
    file = open(name)
    return Reader(file)
