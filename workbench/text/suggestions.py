"""What a misspelt word may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say ``Did you mean 'x'?`` when one of the known words is close, else the list of them."""
    words = sorted(known)
    close = difflib.get_close_matches(word.lower(), {w.lower() for w in words}, n=1, cutoff=0.6)
    for candidate in words:
        if close and candidate.lower() == close[0]:
            return f"Did you mean {candidate!r}?"
    return f"Known: {', '.join(words)}." if words else ""
