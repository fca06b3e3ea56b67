class Manager:
    def __init__(self, name):
        if not name:
            raise TypeError("a name is needed")
        self.name = name
        self.tokens = {}

    def sign(self, what):
        return self.tokens.get(what)
