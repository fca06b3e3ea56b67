"""Facts and deltas of what was loaded: read what is missing, compute what follows, keep both."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl

from workbench.analysis.history.deltas import DELTAS, deltas
from workbench.bench.loads import Progress, closed
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch
from workbench.sources.config_facts import extract_options
from workbench.sources.git import read_blobs
from workbench.sources.patches import CONFIG_ENDINGS, config_paths
from workbench.sources.python_facts import EXTRACTOR, extract
from workbench.store import readers, writers
from workbench.store.database import Store

SHARDS_A_WRITE = 8
"""A killed run loses at most this many shards; a write costs a tenth of a second."""
COMMITS_A_STEP = 4000
"""Deltas of this many commits are computed at once; bounds memory, moves stay inside a commit."""


def ensure_facts(store: Store, *, progress: Progress) -> tuple[Rejection, ...]:
    """Extract what the newest extractor has not read, and derive what lacks deltas.

    Returns
    -------
    tuple of Rejection
        Files that do not parse, with their line; and, without a line, repositories whose facts are
        missing and which are no longer where they were loaded from.
    """
    rejected: list[Rejection] = []
    if readers.stale_facts(store, extractor=EXTRACTOR):
        with store.writing(doing="forgetting facts of an older extractor") as connection:
            writers.delete_facts(connection)
    for repository in readers.repositories(store):
        rejected += _extract(store, repository, progress)
    _derive(store, progress)
    return tuple(rejected)


def _extract(store: Store, repository: readers.Repository, progress: Progress) -> list[Rejection]:
    missing = functools.partial(
        readers.changes_without_facts, store, repository.repo_id, extractor=EXTRACTOR
    )
    code, files = missing(), missing(endings=CONFIG_ENDINGS)
    files = files.filter(config_paths("path") | config_paths("old_path"))
    if code.is_empty() and files.is_empty():
        return []
    if not Path(repository.location).is_dir():
        # the others go on; who asks for hits is told
        why = f"facts of {repository.name} are missing and its repository is gone: load it again"
        return [Rejection(path=repository.location, at="", reason=why)]
    blobs = functools.partial(read_blobs, Path(repository.location))
    known = readers.known_segments(store)
    read = itertools.chain(
        closed(extract(code, blobs=blobs, known=known)),
        extract_options(files, blobs=blobs, known=known, extractor=EXTRACTOR),
    )
    return _keep(store, repository, read, total=code.height + files.height, progress=progress)


def _keep(
    store: Store,
    repository: readers.Repository,
    read: Iterator[Batch],
    *,
    total: int,
    progress: Progress,
) -> list[Rejection]:
    """Store what is read, some batches at a time."""
    rejected: list[Rejection] = []
    done, what = 0, f"facts of {repository.name}"
    progress(what, 0, total)
    with closing(_grouped(read, SHARDS_A_WRITE)) as groups:
        for shards in groups:
            with store.writing(doing=f"reading {what}") as connection:
                for batch in shards:
                    done += writers.insert_facts(connection, batch)
                    rejected += batch.rejections
                writers.insert_rejections(
                    connection,
                    [r for batch in shards for r in batch.rejections],
                    kind="facts",
                    name=repository.name,
                )
            progress(what, done, total)
    return rejected


def _derive(store: Store, progress: Progress) -> None:
    pending = readers.commits_without_deltas(store, deltas=DELTAS)
    done = 0
    while done < len(pending):
        step = pending[done : done + COMMITS_A_STEP]
        frames = readers.facts_of_commits(store, step[0], step[-1])
        wanted = pl.Series("commit_id", step, dtype=pl.UInt32)
        changes = frames["changes"].filter(pl.col("commit_id").is_in(wanted.implode()))
        facts = {n: f for n, f in frames.items() if n.startswith("fact_")}
        made = deltas(
            changes,
            change_facts=frames["change_facts"],
            change_segments=frames["change_segments"],
            facts=facts,
        )
        with store.writing(doing="deriving deltas") as connection:
            writers.insert_deltas(connection, made, commit_ids=wanted, deltas=DELTAS)
        done += len(step)
        progress("deltas", done, len(pending))


def _grouped(batches: Iterator[Batch], size: int) -> Generator[list[Batch]]:
    while group := list(itertools.islice(batches, size)):
        yield group
