class Manager:
    def __init__(self, name):
        self.name = name

    def start(self):
        self.tokens = {}

    def sign(self, what):
        return self.tokens.get(what)
