def f(queue, items):
    queue.pop(0)
    while queue:
        queue.pop()
        queue.popleft()
    for item in items:
        sys.path.insert(0, item)
