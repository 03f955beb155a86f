try:
    work()
# bad
except KeyError or ValueError:
    raise
