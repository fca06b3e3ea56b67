class Desk:
    def reader_of(self, loan):
        return self.readers.get(loan.reader_id)
