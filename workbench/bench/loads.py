"""What a source reads, handed to the store: histories, downstreams, rows of a case."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl

from workbench.bench.batches import Progress, closed
from workbench.bench.failure_loads import load_failure_rows
from workbench.domain.failures import FAILURE_TABLES
from workbench.domain.history import Rejection
from workbench.domain.loading import HistorySource, Known, LoadResult, Source
from workbench.errors import SourceError
from workbench.store import case_rows, readers, writers
from workbench.store.database import Store
from workbench.text.counted import counted

__all__ = ["Progress", "closed", "load"]


def load(store: Store, source: Source, *, progress: Progress) -> LoadResult:
    """Write all that a source has and the store has not, in one transaction.

    Returns
    -------
    LoadResult
        Counted in the source's own unit.
    """
    started = time.monotonic()
    if isinstance(source, HistorySource):
        loaded, unchanged, rejected, notes = _load_history(store, source, progress)
    elif source.kind == "downstream":
        loaded, unchanged, rejected, notes = _load_downstream(store, source)
    elif source.unit in FAILURE_TABLES:
        loaded, unchanged, rejected, notes = load_failure_rows(store, source, progress)
    else:
        loaded, unchanged, rejected, notes = _load_rows(store, source, progress)
    return LoadResult(
        loaded=loaded,
        unchanged=unchanged,
        rejected=len(rejected),
        seconds=time.monotonic() - started,
        rejections=tuple(rejected),
        notes=tuple(notes),
    )


Counts = tuple[int, int, list[Rejection], list[str]]


def _load_history(store: Store, source: HistorySource, progress: Progress) -> Counts:
    _same_history(store, source)
    line = source.line()
    rejected: list[Rejection] = []
    notes: list[str] = []
    loaded = 0
    with store.writing(doing=f"loading {source.kind} {source.name}") as connection:
        # asked inside the turn: another load may have written while this one waited
        there = readers.loaded_commits(connection, source.name)
        first = _first_position(source, there, line)
        left = there.filter(~pl.col("sha").is_in(line) & (pl.col("position") >= first))
        if source.kind == "release":  # pairs of releases stand side by side
            left = left.clear()
        if forgotten := writers.delete_commits(connection, left["commit_id"]):
            notes.append(
                f"{counted(forgotten, 'commit')} left the branch (history was rewritten): forgotten"
            )
        known = frozenset(there["sha"]) & frozenset(line)
        repo_id = writers.repository(
            connection,
            kind=source.kind,
            name=source.name,
            location=str(source.git_dir),
            branch=source.branch,
            scope=source.scope,
        )
        fresh = len(line) - len(known)
        for batch in closed(source.read(Known(shas=known))):
            loaded += writers.insert_history(connection, batch, repo_id=repo_id)
            rejected += batch.rejections
            notes += [batch.note] if batch.note else []
            progress(f"loading {source.name}", loaded, fresh)
        if known and loaded and source.kind == "git":
            places = pl.int_range(first, first + len(line), eager=True, dtype=pl.UInt32)
            positions = pl.DataFrame({"sha": line, "position": places})
            writers.renumber(connection, positions, repo_id=repo_id)
        writers.insert_rejections(connection, rejected, kind=source.kind, name=source.name)
    return loaded, len(known), rejected, notes


def _same_history(store: Store, source: HistorySource) -> None:
    """Refuse to mix two histories, branches or scopes under one name."""
    there = {r.name: r for r in readers.repositories(store)}.get(source.name)
    if there is None:
        return
    wants = {"kind": source.kind, "branch": source.branch, "scope": source.scope}
    has = {"kind": there.kind, "branch": there.branch, "scope": there.scope}
    if differs := [k for k in wants if wants[k] != has[k]]:
        was = ", ".join(f"{k} {has[k]}" for k in differs)
        now = ", ".join(f"{k} {wants[k]}" for k in differs)
        what = f"{source.name!r} was loaded with {was}; this load asks for {now}."
        raise SourceError(
            what, todo="Load it as it was, under another --name, or into another bench."
        )


def _first_position(source: HistorySource, there: pl.DataFrame, line: list[str]) -> int:
    """Place of the line's first commit: 0, or further up when a shallow clone begins there.

    Raises
    ------
    SourceError
        What was loaded under this name is another history.
    """
    if source.kind != "git" or there.is_empty():
        return 0
    if not set(there["sha"]) & set(line):
        what = f"Another history is loaded as {source.name!r}: they share no commit."
        raise SourceError(what, todo="Give this one a name of its own with --name.")
    known = dict(there.select("sha", "position").iter_rows())
    return int(known.get(line[0], 0))


def _load_downstream(store: Store, source: Source) -> Counts:
    there = readers.downstream_commits(store, source.name)
    batches = list(closed(source.read(Known(shas=there))))
    rejected = [r for batch in batches for r in batch.rejections]
    with store.writing(doing=f"loading downstream {source.name}") as connection:
        _same_place(connection, source)
        loaded = unchanged = 0
        for batch in batches:
            new, same = writers.replace_downstream(connection, batch.frames, name=source.name)
            loaded, unchanged = loaded + new, unchanged + same
        writers.forget_rejections(connection, kind=source.kind, name=source.name)
        writers.insert_rejections(connection, rejected, kind=source.kind, name=source.name)
    return loaded, unchanged, rejected, [b.note for b in batches if b.note]


def _same_place(connection: writers.Connection, source: Source) -> None:
    """Refuse to replace a downstream by another one of its name that stands beside it."""
    sql = "SELECT location FROM downstreams WHERE downstream = ?"
    for (was,) in connection.execute(sql, [source.name]).fetchall():
        if was != source.location and Path(was).exists():
            what = f"{source.name!r} was loaded from {was}; this is {source.location}."
            raise SourceError(what, todo="Give one of them another name: NAME=REPO.")


def _load_rows(store: Store, source: Source, progress: Progress) -> Counts:
    rejected: list[Rejection] = []
    notes: list[str] = []
    loaded = unchanged = 0
    origins: set[tuple[str | None, str]] = set()
    with store.writing(doing=f"loading {source.kind} {source.name}") as connection:
        for batch in closed(source.read(Known())):
            for name, frame in batch.frames.items():
                # a file that is read again replaces what was read from it
                read = frame.select("case_id", "origin_path").unique()
                again = [row for row in read.rows() if row not in origins]
                origins.update(again)
                fresh = pl.DataFrame(again, schema=read.schema, orient="row")
                case_rows.set_aside(connection, name, fresh)
                new, refused = case_rows.insert_rows(connection, name, frame)
                loaded, unchanged = loaded + new, unchanged + frame.height - new - len(refused)
                rejected += refused
            unchanged += batch.unchanged
            rejected += batch.rejections
            notes += [batch.note] if batch.note else []
            progress(f"loading {source.name}", loaded, None)
        same = case_rows.kept_rows(connection, source.unit)
        writers.forget_rejections(connection, kind=source.kind, name=source.location)
        writers.insert_rejections(connection, rejected, kind=source.kind, name=source.location)
    return loaded - same, unchanged + same, rejected, notes
