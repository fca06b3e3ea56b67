class Pointer:
    def follow(self, book):
        self.text = book.text
        self.point(book)
        return self

    def point(self, book):
        self.edition_version = book.version
