class Desk:
    def _reader_of(self, loan) -> str:
        return self.readers[loan]
