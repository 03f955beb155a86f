# bad
assert (x, "x is missing")
# bad
assert (x == 1, "wrong")
