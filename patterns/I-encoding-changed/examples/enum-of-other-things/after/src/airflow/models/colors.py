from enum import Enum


class Kind(str, Enum):
    BOOK = "book"
