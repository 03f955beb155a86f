for i in range(len(items)):
    work(items[i])
for i in range(len(items) + 1):
    work(items[:i])
