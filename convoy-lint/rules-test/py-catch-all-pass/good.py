try:
    work()
except KeyError:
    pass
try:
    work()
except:
    raise
try:
    work()
except Exception:
    pass
