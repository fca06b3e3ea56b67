from enum import Enum


class Refusal(Enum):
    FULL = "429"
    ABSENT = "404"
