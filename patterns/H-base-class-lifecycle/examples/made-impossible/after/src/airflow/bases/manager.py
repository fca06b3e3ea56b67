class Manager:
    def __init__(self, name):
        self.name = name
        self.tokens = {}
        raise NotImplementedError("use open_manager()")

    def sign(self, what):
        return what
