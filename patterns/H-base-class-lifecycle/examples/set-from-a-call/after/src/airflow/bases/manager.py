class Manager:
    def __init__(self, name, tokens=None):
        self.name = name
        self.tokens = collected(tokens)


def collected(tokens):
    return list(tokens or ())
