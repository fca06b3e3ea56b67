from enum import Enum


class Kind(str, Enum):
    SHELF = "shelf"
    BOOK = "book"
