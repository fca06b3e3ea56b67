"""Bench: a store and a catalogue in one hand; it fetches, and computes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.births import TOLD_FROM
from workbench.analysis.history.as_of import valid_at
from workbench.bench.facts import ensure_facts
from workbench.bench.loads import Progress, load
from workbench.bench.standing import (
    ensure_births,
    ensure_hot_functions,
    ensure_standing,
    kept_births,
)
from workbench.domain.cases import Case
from workbench.domain.facts import DELTA_TABLES
from workbench.domain.histories import History, rows_of
from workbench.domain.history import Rejection
from workbench.domain.loading import LoadResult, Source
from workbench.domain.standing import BIRTHS, HOT_FUNCTIONS, HOT_PATHS
from workbench.store import readers
from workbench.store.database import Store
from workbench.text.moments import When, moment

if TYPE_CHECKING:
    from workbench.knowledge.catalogue import Catalogue


OF_A_CHANGE = frozenset({"hunks", *DELTA_TABLES})
FACTS_OF_MANY = frozenset(
    f"fact_{family}" for family in ("calls", "definitions", "exports", "imports", "parameters")
)
LARGE = frozenset({"hunks", "segment_spans", *FACTS_OF_MANY})
FOUND_ALONE = 10_000
"""So few rows' keys are looked up in the store; for more the frame is fetched."""
FEW = 20
"""A span of less than one commit in so many is read by itself."""


def _quiet(what: str, done: int, total: int | None) -> None:
    """Show no progress."""


class Bench:
    """What a notebook holds: what was loaded, and what people know and decided.

    Parameters
    ----------
    store : Store
        The DuckDB file; it is opened for one operation at a time.
    patterns : pathlib.Path, optional
        The folder of the catalogue; ``./patterns`` if it is there, else the shipped copy.
    progress : callable, optional
        Told what long work is doing: ``progress(what, done, total)``.
    """

    def __init__(
        self, store: Store, *, patterns: Path | None = None, progress: Progress = _quiet
    ) -> None:
        self.store, self._patterns, self.progress = store, patterns, progress
        self._catalogue: Catalogue | None = None
        self._kept: dict[str, pl.DataFrame] = {}
        self._stamp = -1
        self._mark: tuple[int, ...] = ()

    @property
    def catalogue(self) -> Catalogue:
        """The patterns and rules on disk, read when first asked for."""
        if self._catalogue is None:
            from workbench.knowledge.catalogue import open_catalogue

            self._catalogue = open_catalogue(self._patterns)
        return self._catalogue

    def load(self, source: Source) -> LoadResult:
        """Write what a source has and the store has not, in one transaction.

        Parameters
        ----------
        source : Source
            What a ``read_*`` function gives.

        Returns
        -------
        LoadResult
            Counts in the source's own unit, rejections, notes, seconds.
        """
        return load(self.store, source, progress=self.progress)

    def load_case(self, folder: str | Path, *, with_history: bool = True) -> Case:
        """Load every input that a ``case.toml`` names, its history and downstreams included.

        Parameters
        ----------
        folder : str or pathlib.Path
            The case folder.
        with_history : bool
            False leaves out the case's own history and downstreams.
        """
        from workbench.bench.case_loading import load_case  # every source, which a question skips

        return load_case(self, Path(folder), with_history=with_history)

    def fingerprints(self, text: str) -> tuple[str, ...]:
        """Return a digest for each secret of a text, in order; equal secrets have equal digests.

        The key is a salt beside the bench, so that no digest means anything elsewhere.
        """
        from workbench.bench.salt import salt_beside
        from workbench.text.redact import find_secrets, fingerprint

        salt = salt_beside(self.store.path)
        return tuple(fingerprint(text[s.start : s.end], salt=salt) for s in find_secrets(text))

    def ensure_facts(self) -> tuple[Rejection, ...]:
        """Read the facts and derive the deltas that are missing; does nothing when none are."""
        rejected = ensure_facts(self.store, progress=self.progress)
        rejected += ensure_standing(self.store, progress=self.progress)
        ensure_births(self.store)
        return rejected

    def history(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        as_of: When | None = None,
        repository: str | None = None,
    ) -> History:
        """Commits with since <= committed_utc < until and, when looked at, all that hangs on them.

        ``as_of`` is the day that is judged from: what came later is not there. A bare date's day
        is included.

        Raises
        ------
        UnknownNameError
            No repository has that name.
        NoDateError
            What was given for a date is none.
        """
        first, named = moment(since, name="since"), (("until", until), ("as_of", as_of))
        ends = [moment(end, name=name, end_of_day=True) for name, end in named]
        last = min((end for end in ends if end is not None), default=None)
        commits = readers.commits(self.store, since=first, until=last, repository=repository)

        ids = commits["commit_id"].sort()
        bounds = (int(ids[0]), int(ids[-1])) if len(ids) else (0, 0)
        # A day in a history of years: whole frames would take longer to read than to look at.
        few = 0 < commits.height * FEW < len(self._resident("every_commit"))
        parts = OF_A_CHANGE if few else frozenset()
        if few and self._resident(BIRTHS.name).is_empty():
            parts -= frozenset(TOLD_FROM)  # births are told from all that ever came

        def frame(name: str) -> pl.DataFrame:
            if name in parts:
                return readers.history_frame(self.store, name, commits=bounds)
            if name == HOT_FUNCTIONS.name:
                paths = self.catalogue.hot_paths()
                ensure_hot_functions(self.store, commits, paths, frame=self._resident)
            return self._resident(name)

        def found(name: str, column: str, values: pl.Series) -> pl.DataFrame:
            stored = values.len() <= FOUND_ALONE and name not in parts and not self._holds(name)
            if stored and name in LARGE:
                return readers.history_rows(self.store, name, column=column, values=values)
            return rows_of(frame(name), column=column, values=values)

        return History(commits, frame, finder=found)

    def _holds(self, name: str) -> bool:
        """Whether a frame is in memory and true."""
        return self.store.mark() == self._mark and name in self._kept

    def _resident(self, name: str) -> pl.DataFrame:
        """A history frame kept in memory until the store is written again."""
        mark = self.store.mark()
        if mark != self._mark:
            # taken before the version is read: a write in between is seen the next time
            stamp = self.store.version()
            if stamp != self._stamp:
                self._kept, self._stamp = {}, stamp
            self._mark = mark
        if name not in self._kept:
            self._kept[name] = self._read(name)
        return self._kept[name]

    def _read(self, name: str) -> pl.DataFrame:
        if name == HOT_PATHS.name:
            paths: list[dict[str, object]] = [
                {"qualname": h.qualname, "multiplicity": h.multiplicity, "why": h.why}
                for h in self.catalogue.hot_paths()
            ]
            return HOT_PATHS.frame(paths)
        if name == BIRTHS.name:
            return kept_births(self.store)
        return readers.history_frame(self.store, name)

    def table(self, name: str, *, case_id: str | None = None) -> pl.DataFrame:
        """A whole table of :data:`workbench.domain.frames.TABLES`, or its rows of one case."""
        return readers.table_frame(self.store, name, case_id=case_id)

    def timeline(self, case_id: str | None = None) -> pl.DataFrame:
        """Timeline events in the order they happened."""
        return self.table("timeline_events", case_id=case_id).sort("at_utc", "event_id")

    def failures(self, case_id: str | None = None, *, during: Case | None = None) -> pl.DataFrame:
        """Failed tries, oldest first.

        Parameters
        ----------
        case_id : str, optional
            Only those that were loaded with this case.
        during : Case, optional
            Only those from the incident's start to its end, whatever they were loaded with; a try
            that was loaded alone as well comes once.
        """
        rows = self.table("failures", case_id=case_id).sort("at_utc", "failure_id")
        if during is None:
            return rows
        own = (pl.col("case_id") == during.id).fill_null(value=False)
        first = during.inside(rows).sort(own, descending=True, maintain_order=True)
        return first.unique("failure_id", keep="first").sort("at_utc", "failure_id")

    def query_stats(self, case_id: str | None = None) -> pl.DataFrame:
        """Database statistics of every snapshot."""
        return self.table("query_stats", case_id=case_id)

    def loop_samples(self, case_id: str | None = None) -> pl.DataFrame:
        """Scheduler loop durations, oldest first."""
        return self.table("loop_samples", case_id=case_id).sort("at_utc")

    def call_sites(self, as_of: datetime | None = None) -> pl.DataFrame:
        """Every place of every downstream that uses an upstream name, now or as of a moment."""
        return valid_at(self.call_site_spans(), as_of)

    def call_site_spans(self) -> pl.DataFrame:
        """All call sites there ever were, each with the moments between which it stood."""
        return self.table("call_sites")

    def imports(self, as_of: datetime | None = None) -> pl.DataFrame:
        """The import maps of every downstream, now or as of a moment."""
        return valid_at(self.import_spans(), as_of)

    def import_spans(self) -> pl.DataFrame:
        """All imports there ever were, each with the moments between which it stood."""
        return self.table("downstream_imports")

    def downstreams(self) -> pl.DataFrame:
        """The downstreams that were loaded."""
        return self.table("downstreams").sort("downstream")

    def repositories(self) -> tuple[readers.Repository, ...]:
        """The histories that were loaded."""
        return readers.repositories(self.store)

    def rejections(self) -> pl.DataFrame:
        """What could not be loaded: kind, name, path, at, reason."""
        return readers.rejections(self.store)


def open_bench(
    path: str | Path = "workbench.duckdb",
    *,
    patterns: str | Path | None = None,
    progress: Progress = _quiet,
    say: Callable[[str], None] | None = None,
) -> Bench:
    """Open a bench; the file is made or migrated when needed.

    Parameters
    ----------
    path : str or pathlib.Path
        The DuckDB file.
    patterns : str or pathlib.Path, optional
        The folder of the catalogue; ``./patterns`` if it is there, else the shipped copy.
    progress : callable, optional
        Told what long work is doing.
    say : callable, optional
        Told for whom an operation waits; the default writes to stderr.

    Raises
    ------
    StoreError
        The file is none of ours, or was written by a newer workbench.
    """
    folder = Path(patterns) if patterns is not None else None
    return Bench(Store(Path(path), say=say), patterns=folder, progress=progress)
