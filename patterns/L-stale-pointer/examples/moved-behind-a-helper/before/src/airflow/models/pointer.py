class Pointer:
    def follow(self, book):
        self.text = book.text
        self.edition_version = book.version
        return self
