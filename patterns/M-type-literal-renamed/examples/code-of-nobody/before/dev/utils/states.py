from enum import Enum


class LoanState(str, Enum):
    OPEN = "open"
    LATE = "late"
    BACK = "back"
