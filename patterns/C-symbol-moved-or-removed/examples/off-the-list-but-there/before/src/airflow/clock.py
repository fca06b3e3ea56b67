__all__ = ["now", "parse"]


def now():
    """Give the time."""


def parse(text):
    """Read a time."""
