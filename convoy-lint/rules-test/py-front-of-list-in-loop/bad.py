def f(queue, items):
    while queue:
        # bad
        node = queue.pop(0)
    for item in items:
        # bad
        queue.insert(0, item)
