def f(items, table):
    for item in list(items):
        items.remove(item)
    for item in items:
        if item.old:
            items.remove(item)
            break
    for key in list(table):
        del table[key]
    for item in items:
        others.remove(item)
    for key in table:
        if key == "x":
            del table[key]
            return
