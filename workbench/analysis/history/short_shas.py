"""Commits by the beginning of their sha, as people and messages name them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

SHORTEST_SHA, WHOLE_SHA = 7, 40


class Shas:
    """Known shas, found by themselves or by a beginning that is theirs alone.

    Parameters
    ----------
    known : iterable of str
        Whole shas; a pair of releases has a name in their place and no beginning.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = sorted(set(known))

    def whole(self, named: str) -> str | None:
        """The one known sha that is meant; None for none, or for several."""
        at = bisect_left(self._known, named)
        begun = self._known[at : at + 2]
        if begun and begun[0] == named:
            return named
        if not SHORTEST_SHA <= len(named) < WHOLE_SHA:
            return None
        fits = [sha for sha in begun if sha.startswith(named)]
        return fits[0] if len(fits) == 1 else None
