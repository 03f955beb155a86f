def f(x):
    y = x.a if x else x.b
    if y:
        work(1)
    elif x:
        work(2)
    else:
        work(1)
    z = '\\f[CR]' if x else '\\f[R]'
    if y:
        pass
    else:
        pass
