class A:
    def __init__(self):
        if self.x:
            return
        return None

    def inner(self):
        def __init__():
            return 1

        return 1
