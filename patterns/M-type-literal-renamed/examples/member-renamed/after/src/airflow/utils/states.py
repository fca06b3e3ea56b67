from enum import Enum


class LoanState(str, Enum):
    OPEN = "open"
    OVERDUE = "late"
    BACK = "back"
