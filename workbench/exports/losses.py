"""What a format cannot carry, said in the open, and what an export wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that a file of ``format`` does not say: what, how many of it, and why."""

    format: str
    what: str
    count: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """Files that were written, sorted, and what they could not carry."""

    files: tuple[Path, ...]
    losses: tuple[Loss, ...]
