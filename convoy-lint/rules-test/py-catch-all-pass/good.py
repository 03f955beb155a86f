try:
    work()
except KeyError:
    pass
try:
    work()
except:
    # It may be gone already.
    pass
try:
    work()
except:  # noqa: E722
    pass
try:
    work()
except:
    raise
try:
    work()
except Exception:
    pass
