"""Trees of texts as a history in memory: one commit for each pair, with facts and deltas."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

import polars as pl

from workbench.analysis.history.deltas import deltas
from workbench.domain.facts import FACT_TABLES
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS, FILE_CHANGES, HUNKS
from workbench.domain.histories import EVERY_COMMIT, HISTORY_COMMITS, History
from workbench.domain.history import Rejection
from workbench.domain.standing import BIRTHS, HOT_FUNCTIONS, HOT_PATHS, STANDING_TABLES
from workbench.knowledge.example_trees import standing_frames
from workbench.knowledge.tree_changes import TreeChange, blob_id, changes_of, hunks_of
from workbench.sources.config_facts import extract_options
from workbench.sources.patches import config_paths, is_core_path
from workbench.sources.python_facts import EXTRACTOR, extract

Tree = Mapping[str, str]
FIRST_UTC = datetime(2000, 1, 1, tzinfo=UTC)


def history_of_trees(before: Tree, after: Tree) -> History:
    """Return the history of one commit that turns the texts of ``before`` into ``after``.

    Parameters
    ----------
    before, after : mapping of str to str
        Texts by path. Renames are found; facts and deltas are those of a loaded history.
    """
    return example_history({"example": (before, after)})[0]


def example_history(
    examples: Mapping[str, tuple[Tree, Tree]],
) -> tuple[History, dict[str, list[Rejection]]]:
    """Return one commit for each example, and what does not parse, by the example's name.

    The commits have no parent and nothing in common: an example cannot see another one's files.
    """
    changes = [
        (commit_id, change)
        for commit_id, (before, after) in enumerate(examples.values())
        for change in changes_of(before, after)
    ]
    frames = {
        "commits": _commits(list(examples)),
        "file_changes": FILE_CHANGES.frame(
            [_file_change(at, commit_id, change) for at, (commit_id, change) in enumerate(changes)]
        ),
        "hunks": HUNKS.frame([row for at, (_, c) in enumerate(changes) for row in _hunks(at, c)]),
    }
    texts = {
        blob_id(text): text.encode()
        for _, change in changes
        for text in (change.before, change.after)
        if text is not None
    }
    facts, unparsed = _facts(frames["file_changes"], texts)
    rejections: dict[str, list[Rejection]] = {name: [] for name in examples}
    for change_id, rejection in unparsed:
        rejections[list(examples)[changes[change_id][0]]].append(rejection)
    trees = {name: before for name, (before, _) in examples.items()}
    return History(frames["commits"], _loader(trees, frames, facts)), rejections


def sha_of(name: str) -> str:
    """Return the sha that an example's commit has."""
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def _loader(
    trees: Mapping[str, Tree],
    frames: Mapping[str, pl.DataFrame],
    facts: Mapping[str, pl.DataFrame],
) -> Callable[[str], pl.DataFrame]:
    """Give frames by name; what has to be computed is when the first of it is asked for."""

    @cache
    def made() -> Mapping[str, pl.DataFrame]:
        return deltas(
            frames["file_changes"],
            change_facts=facts["change_facts"],
            change_segments=facts["change_segments"],
            facts=facts,
        )

    @cache
    def standing() -> Mapping[str, pl.DataFrame]:
        return standing_frames(trees, frames, facts)

    def computed(name: str) -> pl.DataFrame:
        return standing()[name] if name in STANDING_TABLES else made()[name]

    known = {
        "every_commit": frames["commits"].select(list(EVERY_COMMIT.columns)),
        # none are kept: they are told from the hot paths that a detector is given, and from deltas
        HOT_PATHS.name: HOT_PATHS.empty(),
        HOT_FUNCTIONS.name: HOT_FUNCTIONS.empty(),
        BIRTHS.name: BIRTHS.empty(),
        **frames,
    }
    return lambda name: known[name] if name in known else computed(name)


def _commits(names: Sequence[str]) -> pl.DataFrame:
    days = [FIRST_UTC + timedelta(days=at) for at in range(len(names))]
    return HISTORY_COMMITS.frame(
        [
            {
                "commit_id": at,
                "sha": sha_of(name),
                "parent_sha": None,
                "position": at,
                "author": "example",
                "authored_utc": days[at],
                "committed_utc": days[at],
                # a subject is evidence, too, and the name of an example is none
                "subject": "An example",
                "message": "An example",
                # each is a history of its own: what one brings is not known in the next
                "repository": name,
                "repository_kind": "git",
            }
            for at, name in enumerate(names)
        ]
    )


def _file_change(at: int, commit_id: int, change: TreeChange) -> dict[str, object]:
    hunks = list(hunks_of(change))
    return {
        "change_id": at,
        "commit_id": commit_id,
        "status": change.status,
        "old_path": change.old_path,
        "path": change.path,
        "old_blob": None if change.before is None else blob_id(change.before),
        "new_blob": None if change.after is None else blob_id(change.after),
        "added_lines": sum(len(hunk.added) for hunk in hunks),
        "removed_lines": sum(len(hunk.removed) for hunk in hunks),
        "is_core": is_core_path(change.path),
        "is_binary": False,
    }


def _hunks(at: int, change: TreeChange) -> Iterator[dict[str, object]]:
    for hunk in hunks_of(change):
        yield {
            "change_id": at,
            "old_start": hunk.old_start,
            "old_lines": len(hunk.removed),
            "new_start": hunk.new_start,
            "new_lines": len(hunk.added),
            "removed": "\n".join(hunk.removed),
            "added": "\n".join(hunk.added),
        }


def _facts(
    changes: pl.DataFrame, texts: Mapping[str, bytes]
) -> tuple[dict[str, pl.DataFrame], list[tuple[int, Rejection]]]:
    """Return facts by table, and the changes that do not parse, each with its rejection."""

    def blobs(wanted: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        return ((blob, texts.get(blob)) for blob in wanted)

    code = changes.filter("is_core")
    files = changes.filter(config_paths("path") | config_paths("old_path"))
    batches = list(extract(code, blobs=blobs, workers=1))
    batches += extract_options(files, blobs=blobs, extractor=EXTRACTOR)
    tables = {t.name: t for t in (CHANGE_FACTS, CHANGE_SEGMENTS, *FACT_TABLES.values())}
    frames = {
        name: pl.concat([table.empty(), *(batch.frames[name] for batch in batches)])
        for name, table in tables.items()
    }
    unparsed = [
        pair
        for batch in batches
        for pair in zip(
            batch.frames["change_facts"].filter(status="unparsed")["change_id"],
            batch.rejections,
            strict=True,
        )
    ]
    return frames, unparsed
