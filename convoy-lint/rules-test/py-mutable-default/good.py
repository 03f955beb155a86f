def add(item, items=None):
    items = [] if items is None else items
    items.append(item)


def show(items=[]):
    return len(items)


def find(key, _cache={}):
    _cache[key] = 1


def copy(item, items=[]):
    items = list(items)
    items.append(item)
