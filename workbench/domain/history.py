"""Words of a commit history: severities, triage classes, kinds of change, rejections."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a change may be; ordered by :attr:`rank`."""

    LOW = "LOW"
    """Works today; will have to be changed some day."""
    MEDIUM = "MEDIUM"
    """May hurt under conditions that are not the rule."""
    MEDIUM_HIGH = "MEDIUM-HIGH"
    """Likely to hurt somebody, or to hurt badly under rare conditions."""
    HIGH = "HIGH"
    """Breaks code that uses it, or slows a hot path by a factor."""
    CRITICAL = "CRITICAL"
    """Stops a deployment."""

    @property
    def rank(self) -> int:
        """0 for LOW to 4 for CRITICAL."""
        return list(Severity).index(self)


class TriageClass(StrEnum):
    """What is done with a commit before any detector looks at it."""

    SKIP = "SKIP"
    """Path rules alone say that it cannot matter."""
    TARGETED = "TARGETED"
    """Monitored, but no downstream imports what it touches."""
    FULL = "FULL"
    """Touches what a downstream imports; without a downstream, everything that is not skipped."""


class ChangeKind(StrEnum):
    """What a change did to one fact."""

    ADDED = "added"
    """The fact stands only in the version after."""
    REMOVED = "removed"
    """The fact stands only in the version before."""
    CHANGED = "changed"
    """The same fact says something else."""
    RENAMED = "renamed"
    """Another name in the same module, recognised by its body."""
    MOVED = "moved"
    """Another module, recognised by its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Input that could not be loaded: kept and counted, never dropped in silence.

    ``path`` and ``at`` say where (a file and a line, a sha and a file), ``reason`` says why.
    """

    path: str
    at: str
    reason: str
