from dataclasses import dataclass
from typing import Optional


@dataclass
class Loan:
    book: str
    due: Optional[str]
