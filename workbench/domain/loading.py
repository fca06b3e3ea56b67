"""What passes between a source and the store: batches of frames, and the count at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import polars as pl

from workbench.domain.history import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store already holds of one source, so that only what is new is read.

    ``shas`` are the commits of a history; ``keys`` are natural keys of rows (for files: their
    digest).
    """

    shas: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some rows for some tables, as declared in :mod:`workbench.domain.frames`.

    Surrogate ids (``commit_id``, ``change_id``) of a history count from 0 inside a batch; the
    writer shifts them.
    """

    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()
    unchanged: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What a load did: rows or commits loaded, already there, rejected; wall seconds."""

    loaded: int
    unchanged: int
    rejected: int
    seconds: float
    rejections: tuple[Rejection, ...] = ()
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """One outer format, read lazily. A source never sees the store.

    ``kind`` names the format (``git``, ``release``, ``downstream``, ``timeline``, ``failures``,
    ``query_stats``, ``loops``); ``name`` is what the store files it under; ``location`` is where it
    was read from; ``unit`` is the table whose rows ``LoadResult.loaded`` counts.
    """

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def unit(self) -> str: ...
    def read(self, known: Known) -> Iterator[Batch]:
        """Batches of rows that ``known`` does not hold yet, newest first where that matters."""
        ...


@runtime_checkable
class HistorySource(Source, Protocol):
    """A source of commits: ``line`` gives all that stand on its branch, the root first.

    ``scope`` is ``core`` (*.py outside tests and docs, and config.yml) or ``all``; ``git_dir`` is
    where blobs are read from; ``branch`` is null where there is none.
    """

    @property
    def git_dir(self) -> Path: ...
    @property
    def branch(self) -> str | None: ...
    @property
    def scope(self) -> str: ...
    def line(self) -> list[str]:
        """Every sha on the first-parent line, in order; what left it was rewritten."""
        ...
