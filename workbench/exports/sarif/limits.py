"""What code scanning accepts, cut to size worst first, every cut on record.

The figures are those of GitHub's page "SARIF support for code scanning".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from workbench.exports.losses import Loss

Item = TypeVar("Item")
OVER = "code scanning takes no more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Most of each thing that one upload may hold."""

    results: int = 25_000
    rules: int = 25_000
    tags: int = 20
    locations: int = 1_000
    flow_locations: int = 10_000
    text_characters: int = 1_024
    name_characters: int = 255
    gzip_bytes: int = 10 * 1024 * 1024


@dataclass(slots=True)
class Cuts:
    """Counts what was cut away, by what it was."""

    counts: Counter[str] = field(default_factory=Counter)

    def first(self, items: Sequence[Item], most: int, what: str) -> list[Item]:
        """The first ``most`` items; the rest is counted as ``what``."""
        self.counts[what] += max(0, len(items) - most)
        return list(items[:most])

    def short(self, text: str, most: int, what: str) -> str:
        """The text, or its beginning and an ellipsis; a cut text is counted as ``what``."""
        if len(text) <= most:
            return text
        self.counts[what] += 1
        return text[: most - 1] + "…"

    def losses(self) -> list[Loss]:
        """One loss for each kind of cut."""
        return [
            Loss(format="sarif", what=what, count=count, why=OVER)
            for what, count in sorted(self.counts.items())
            if count
        ]
