def f():
    try:
        work()
    finally:
        # bad
        return 1
