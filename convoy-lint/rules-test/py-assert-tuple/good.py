assert x, "x is missing"
assert (x == 1), "wrong"
assert (1, 2) == y
assert (
    x
)
