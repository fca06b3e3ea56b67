class Manager:
    def __init__(self):
        self.tokens = []

    def reset(self):
        return self.tokens
