"""Divides file changes into shards: a file's whole line of versions is read in one of them."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import polars as pl

CHANGES_A_SHARD = 1500  # about a second of work
MOST_SHARDS = 64


class Change(NamedTuple):
    """A file change whose facts are wanted; a blob is null where the file is absent."""

    change_id: int
    old_path: str
    path: str
    old_blob: str | None
    new_blob: str | None


def shards_of(changes: pl.DataFrame) -> list[list[Change]]:
    """Divide changes so that renamed paths stay together, the largest shard first.

    Versions of a file share most of their segments, and a segment is parsed once per shard.
    """
    columns = changes.select(Change._fields).to_dict(as_series=False)
    every = [Change(*row) for row in zip(*columns.values(), strict=True)]
    parents: dict[str, str] = {}
    for change in every:
        first, second = _root(parents, change.old_path), _root(parents, change.path)
        if first != second:
            parents[first] = second
    lines: dict[str, list[Change]] = {}
    for change in every:
        lines.setdefault(_root(parents, change.path), []).append(change)
    count = min(MOST_SHARDS, max(1, len(every) // CHANGES_A_SHARD))
    shards: list[list[Change]] = [[] for _ in range(count)]
    sizes = [(0, at) for at in range(count)]
    for line in sorted(lines.values(), key=len, reverse=True):
        size, at = heapq.heappop(sizes)
        shards[at].extend(line)
        heapq.heappush(sizes, (size + len(line), at))
    return sorted((shard for shard in shards if shard), key=len, reverse=True)


def _root(parents: dict[str, str], path: str) -> str:
    root = path
    while (above := parents.get(root)) is not None:
        root = above
    while path != root:
        parents[path], path = root, parents[path]
    return root
