from dataclasses import dataclass
from datetime import datetime


@dataclass
class Loan:
    book: str
    due: datetime | None
