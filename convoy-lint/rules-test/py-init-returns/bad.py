class A:
    def __init__(self):
        # bad
        return self
