class Desk:
    def remind(self, loan, tone: str = "kind"):
        return self.write(loan, tone)
