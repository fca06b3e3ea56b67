class Desk:
    def remind(self, loan, tone: str | None = None):
        return self.write(loan, tone or "kind")
