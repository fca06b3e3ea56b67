class Manager:
    def __init__(self, name):
        self.name = name
        self._tokens = None

    @property
    def tokens(self):
        if self._tokens is None:
            self._tokens = {}
        return self._tokens

    def sign(self, what):
        return self.tokens.get(what)
