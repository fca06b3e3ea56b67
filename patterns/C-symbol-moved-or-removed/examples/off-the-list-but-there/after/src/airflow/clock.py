__all__ = ["now"]


def now():
    """Give the time."""


def parse(text):
    """Read a time."""
