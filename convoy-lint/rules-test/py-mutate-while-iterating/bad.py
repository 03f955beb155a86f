def f(items, table):
    for item in items:
        if item.old:
            # bad
            items.remove(item)
    for key in table:
        # bad
        del table[key]
    for key, value in table.items():
        # bad
        table.pop(key)
