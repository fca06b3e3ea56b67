GRACE = 30


def now():
    """Give the time."""


def parse(text):
    """Read a time."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
