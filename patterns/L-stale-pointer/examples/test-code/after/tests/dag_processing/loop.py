class Loop:
    def turn(self, shelves, now):
        for shelf in shelves:
            self.read(shelf)

    def read(self, shelf):
        self.books = list(shelf.books)
