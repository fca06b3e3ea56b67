class Manager:
    def __init__(self):
        self.tokens = []

    def reset(self):
        self.marks = []
        return self.tokens
