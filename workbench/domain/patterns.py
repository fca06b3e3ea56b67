"""Words of the pattern library: a pattern, its detector, its examples and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from workbench.domain.history import Severity
from workbench.errors import Place


class Stage(StrEnum):
    """Where a pattern stands in its life."""

    DRAFT = "draft"
    """Being written; runs only when named."""
    TRIAL = "trial"
    """Its checks are empty; hits are shown, nothing blocks on them."""
    ACTIVE = "active"
    """A backtest of this version passed the gates."""
    WATCH = "watch"
    """Still runs, under observation after a review."""
    RETIRED = "retired"
    """Kept for history, exported as a tombstone; runs only when named."""
    GRADUATED = "graduated"
    """Upstream guards against it by now; runs only when named."""

    @property
    def runs(self) -> bool:
        """Whether hits and scan run it without being asked for it by name."""
        return self in (Stage.TRIAL, Stage.ACTIVE, Stage.WATCH)


class FailureMode(StrEnum):
    """How it hurts."""

    CRASH = "crash"
    """An exception where there was none."""
    SILENT_DROP = "silent-drop"
    """Something no longer happens, and nobody says so."""
    SLOW = "slow"
    """It works, too slowly."""
    WRONG_DATA = "wrong-data"
    """It works on the wrong rows, versions or values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDetector:
    """Regular expressions over the removed and added lines of a hunk (polars' regex dialect).

    A hunk hits when ``removed`` and ``added`` match (those that are given) and ``absent`` matches
    nowhere in the added lines of the same file change. Named groups become message fields.
    """

    removed: str | None = None
    added: str | None = None
    absent: str | None = None
    paths: tuple[str, ...] = ()
    skip_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlDetector:
    """A query over the documented views; ``text`` is the SQL, ``path`` the file it stands in."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedHit:
    """A hit that an example must give: its file and, if said, line and qualname."""

    path: str
    line: int | None = None
    qualname: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A before/after miniature with the hits expected on it (none: a clean case or a decoy)."""

    name: str
    why: str
    folder: Path
    expect: tuple[ExpectedHit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Why a pattern exists: ``kind`` is incident, near-miss, cluster or commit."""

    kind: str
    ref: str
    date: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Dates and names of a pattern's life.

    ``replaced_by`` is a pattern id or ``none``; ``link`` leads to upstream's own guard once the
    pattern has graduated.
    """

    created: date
    author: str
    reviewed: date | None = None
    reviewer: str | None = None
    retired: date | None = None
    reason: str | None = None
    replaced_by: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A named, versioned description of a class of breaking change."""

    id: str
    version: int
    stage: Stage
    title: str
    severity: Severity
    failure_mode: FailureMode
    describe: str
    message: str
    detector: TextDetector | SqlDetector
    lifecycle: Lifecycle
    advice: str = ""
    limits: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    origins: tuple[Origin, ...] = ()
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HotPath:
    """An entry point of the upstream and how often it runs.

    ``qualname`` is dotted with its module and may end in ``.*``; ``multiplicity`` is per-loop,
    per-dag-run or per-task-instance.
    """

    qualname: str
    multiplicity: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRule:
    """A rule of triage or of coupling: globs over paths (or modules), and what they mean."""

    id: str
    globs: tuple[str, ...]
    means: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A defect in a file of ours, with its place: the file, and in it a line and a key if known."""

    where: Place
    what: str
    todo: str = ""
    line: int | None = None
    key: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" {self.todo}" if self.todo else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A person's verdict: breaking, harmless, unsure, under-rated, over-rated, missed."""

    sha: str
    label: str
    pattern: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
