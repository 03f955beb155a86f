def f(name):
    # bad
    file = open(name)
    return file.read()
