def f(x):
    if x == 1:
        return 1
    elif x == 2:
        return 2
    elif x == '\'B':
        return 4
    elif x == '\'H':
        return 5
    elif x == 3:
        return 3
