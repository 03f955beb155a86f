# bad
def add(item, items=[]):
    items.append(item)
    return items


# bad
def put(key, store: dict = {}):
    store[key] = 1
