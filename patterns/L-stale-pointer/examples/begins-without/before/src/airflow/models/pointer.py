class Pointer:
    def __init__(self, book):
        self.book = book
        self.edition_version = None

    def read(self):
        return self.book
