"""Text that may come from strangers, fit for a terminal: control characters become visible."""

from __future__ import annotations

import re

# tabs and line ends stay; everything else that moves a cursor or changes a colour does not
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return the text with control and direction characters written as escapes."""
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
