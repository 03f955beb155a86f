def f(queue, items):
    while queue:
        # bad
        node = queue.pop(0)
