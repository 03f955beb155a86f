# bad
first = sorted(items)[0]
# bad
last = sorted(items, key=size)[-1]
