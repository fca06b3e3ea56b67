from enum import Enum


class Rule(Enum):
    ALL = "all"
    ONE = "one"
