from enum import Enum


class Kind(str, Enum):
    BOOKSHELF = "shelf"
    BOOK = "book"
