class Desk:
    def _reader_of(self, loan) -> str | None:
        return self.readers.get(loan)
