from enum import Enum


class Rule(Enum):
    ALL = "all"
    DUMMY = "dummy"
    ONE = "one"
