from dataclasses import dataclass


@dataclass
class Loan:
    book: str
    due: int | None
