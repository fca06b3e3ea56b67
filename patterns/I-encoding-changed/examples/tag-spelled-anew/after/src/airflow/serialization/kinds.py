from enum import Enum


class Kind(str, Enum):
    SHELF = "bookshelf"
    BOOK = "book"
