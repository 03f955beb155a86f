first = min(items)
three = sorted(items)[:3]
second = sorted(items)[1]
