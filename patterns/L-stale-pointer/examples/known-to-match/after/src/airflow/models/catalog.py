class Writer:
    def write(self, book, session):
        stored = book.stored()
        if book.digest_matches:
            return False
        stored.text = book.text
        stored.edition_version = book.version
        session.add(stored)
        return True
