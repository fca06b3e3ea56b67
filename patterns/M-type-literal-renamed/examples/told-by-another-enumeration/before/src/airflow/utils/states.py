from enum import Enum


class Late(str, Enum):
    LATE = "late"


class LoanState(str, Enum):
    OPEN = "open"
    LATE = "late"
    BACK = "back"
