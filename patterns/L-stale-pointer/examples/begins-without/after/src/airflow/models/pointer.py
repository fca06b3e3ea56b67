class Pointer:
    def __init__(self, book):
        self.book = book

    def read(self):
        return self.book
