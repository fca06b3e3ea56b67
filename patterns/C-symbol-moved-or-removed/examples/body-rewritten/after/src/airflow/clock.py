GRACE = 30


def now():
    """Give the time."""


def parse(text):
    """Read a time."""
    parts = [int(part) for part in text.split(":")]
    return sum(parts)
