"""Numbers with their nouns, as a person writes them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which has an s unless there is one of it.

    Examples
    --------
    >>> counted(1, "hit"), counted(1200, "hit"), counted(2, "call site")
    ('1 hit', '1,200 hits', '2 call sites')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
