"""What stood at each commit: the tree before the first is read once, the spans follow."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import polars as pl

from workbench.analysis.births import BIRTHS_RULES, TOLD_FROM, births
from workbench.analysis.history.deltas import DELTAS
from workbench.analysis.history.reachability import REACHABILITY, hot_functions
from workbench.analysis.history.spans import SPANS_RULES, segment_spans
from workbench.bench.loads import Progress, closed
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS
from workbench.domain.histories import History
from workbench.domain.history import Rejection
from workbench.domain.patterns import HotPath
from workbench.domain.standing import BASE_SEGMENTS, BIRTHS
from workbench.errors import SourceError
from workbench.sources.git import read_blobs, read_tree
from workbench.sources.python_facts import EXTRACTOR, extract
from workbench.store import readers, standing, writers
from workbench.store.database import Store

Frames = Callable[[str], pl.DataFrame]


def ensure_standing(store: Store, *, progress: Progress) -> tuple[Rejection, ...]:
    """Read the trees that histories begin with, and tell the spans anew when facts have changed.

    Returns
    -------
    tuple of Rejection
        Files of those trees that do not parse.
    """
    rejected: list[Rejection] = []
    read = standing.base_trees(store).select("repository", "pair", "tree", "extractor")
    held = {(name, pair): tuple(made) for name, pair, *made in read.iter_rows()}
    located = {r.name: r for r in readers.repositories(store)}
    for first in standing.first_commits(store).iter_rows(named=True):
        repository, pair = located[first["repository"]], first["pair"]
        if pair is None:
            tree = first["parent_sha"]
        else:
            from workbench.sources.releases import tree_before  # few have any; it takes a while

            tree = tree_before(Path(repository.location), first["sha"])
        made = held.get((repository.name, pair))
        if made and tree is not None and made[0] != tree:
            # the line begins elsewhere by now, maybe with a commit that nothing stood before;
            # None is a pair whose tree was cleared away, which says nothing
            with store.writing(doing="forgetting what a history began with") as connection:
                standing.forget_base(connection, repository=repository.name, pair=pair)
        if tree and made != (tree, EXTRACTOR):
            rejected += _read_base(store, repository, tree, pair=pair, progress=progress)
    stamp = f"{SPANS_RULES}:{standing.facts_stamp(store)}"
    if standing.kept_stamp(store, "segment_spans") != stamp:
        spans = segment_spans(**standing.span_inputs(store))
        with store.writing(doing="telling what stood when") as connection:
            standing.replace_spans(connection, spans, stamp=stamp)
    return tuple(rejected)


def ensure_births(store: Store) -> None:
    """Tell anew when names came, where deltas or commits are others than it was told from."""
    stamp = _births_stamp(store)
    if standing.kept_stamp(store, BIRTHS.name) != stamp:
        told = births({name: readers.history_frame(store, name) for name in TOLD_FROM})
        with store.writing(doing="telling when names came") as connection:
            standing.replace_births(connection, told, stamp=stamp)


def kept_births(store: Store) -> pl.DataFrame:
    """Return when names came, as far as it is known; nothing where it has to be told anew."""
    if standing.kept_stamp(store, BIRTHS.name) != _births_stamp(store):
        return BIRTHS.empty()
    return readers.history_frame(store, BIRTHS.name)


def _births_stamp(store: Store) -> str:
    return f"{BIRTHS_RULES}:{DELTAS}:{standing.deltas_stamp(store)}"


def ensure_hot_functions(
    store: Store, commits: pl.DataFrame, hot_paths: Sequence[HotPath], *, frame: Frames
) -> None:
    """Tell which functions on hot paths commits touch, for commits that it was not told of.

    Parameters
    ----------
    store : Store
        Where they are kept.
    commits : polars.DataFrame
        As :data:`~workbench.domain.histories.HISTORY_COMMITS`.
    hot_paths : sequence of HotPath
        Entry points; others than before make all be told anew.
    frame : callable
        Name of a frame of a history -> the frame.
    """
    made_from = f"{EXTRACTOR}:{SPANS_RULES}:{REACHABILITY}:{standing.base_stamp(store)}:{hot_paths}"
    stamp = blake2b(made_from.encode(), digest_size=8).hexdigest()
    done = pl.concat([standing.hot_commits(store, stamp=stamp), standing.unread_commits(store)])
    missing = commits.filter(~pl.col("commit_id").is_in(done.implode()))
    if missing.is_empty():
        return
    rows = hot_functions(History(missing, frame), hot_paths)
    with store.writing(doing="telling what hot paths reach") as connection:
        standing.insert_hot_functions(
            connection, rows, commit_ids=missing["commit_id"], stamp=stamp
        )


def _read_base(
    store: Store,
    repository: readers.Repository,
    tree: str,
    *,
    pair: int | None,
    progress: Progress,
) -> list[Rejection]:
    """Read the facts of a tree; where it is not there, only what goes later is known to stand."""
    git_dir = Path(repository.location)
    try:
        files = read_tree(git_dir, tree)
    except SourceError:
        return []
    changes = files.with_row_index("change_id").select(
        "change_id",
        old_path="path",
        path="path",
        old_blob=pl.lit(None, pl.String),
        new_blob="blob",
    )
    what = f"the tree that {repository.name} begins with"
    rejected: list[Rejection] = []
    done = 0
    placed, modules = [CHANGE_SEGMENTS.empty()], [CHANGE_FACTS.empty()]
    batches = extract(
        changes,
        blobs=functools.partial(read_blobs, git_dir),
        known=readers.known_segments(store),
    )
    for batch in closed(batches):
        placed.append(batch.frames["change_segments"])
        modules.append(batch.frames["change_facts"])
        rejected += batch.rejections
        # what a killed run has read is known to the next; where it stands is written last
        bare = {"change_segments": placed[0], "change_facts": modules[0]}
        with store.writing(doing=f"reading {what}") as connection:
            writers.insert_facts(connection, replace(batch, frames={**batch.frames, **bare}))
        done += modules[-1].height
        progress(what, done, changes.height)
    segments = (
        pl.concat(placed)
        .join(pl.concat(modules).select("change_id", module="module_after"), on="change_id")
        .join(changes.select("change_id", "path"), on="change_id")
        .with_columns(repository=pl.lit(repository.name), pair=pl.lit(pair, pl.UInt32))
        .select(list(BASE_SEGMENTS.columns))
    )
    with store.writing(doing=f"reading {what}") as connection:
        standing.replace_base(
            connection,
            segments,
            repository=repository.name,
            pair=pair,
            tree=tree,
            extractor=EXTRACTOR,
        )
        writers.insert_rejections(connection, rejected, kind="facts", name=repository.name)
    return rejected
