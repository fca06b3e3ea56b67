def now():
    """Give the time."""


def _parse(text):
    """Read a time."""
    return text.split(":")
