# bad
for i in range(len(items) + 1):
    work(items[i])
