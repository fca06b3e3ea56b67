class Loop:
    def turn(self, shelves, now):
        for shelf in shelves:
            if now - shelf.last_refreshed < self.interval and shelf.version == shelf.seen_version:
                continue
            shelf.refresh()
            self.read(shelf)

    def read(self, shelf):
        self.books = list(shelf.books)
