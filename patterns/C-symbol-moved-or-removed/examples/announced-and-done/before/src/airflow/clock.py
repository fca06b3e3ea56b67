import warnings


def now():
    """Give the time."""


def parse(text):
    """Read a time."""
    warnings.warn("parse is deprecated", DeprecationWarning, stacklevel=2)
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def show(time):
    """Write a time."""
    warnings.warn("show is deprecated", DeprecationWarning, stacklevel=2)
    return f"{time // 60}:{time % 60}"
