from enum import Enum


class LoanState(str, Enum):
    OPEN = "open"
    BACK = "back"
