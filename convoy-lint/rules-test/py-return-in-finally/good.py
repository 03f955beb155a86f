def f():
    try:
        return work()
    finally:
        def g():
            return 1

        close()
