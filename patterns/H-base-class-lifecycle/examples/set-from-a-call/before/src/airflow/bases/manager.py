class Manager:
    def __init__(self, name, tokens=None):
        self.name = name
        if tokens:
            self.tokens = list(tokens)
        else:
            self.tokens = []
