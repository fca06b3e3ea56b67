from enum import Enum


class Refusal(Enum):
    FULL = "429"
