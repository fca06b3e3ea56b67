class Pointer:
    def follow(self, book):
        self.text = book.text
        return self
