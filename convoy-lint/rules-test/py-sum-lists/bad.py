# bad
flat = sum(lists, [])
