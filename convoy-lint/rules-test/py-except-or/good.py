try:
    work()
except (KeyError, ValueError):
    raise
