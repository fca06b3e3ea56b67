"""What the shards of a source come to: batches, each given id once, and what gave no row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from workbench.domain.failures import FAILURES
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch
from workbench.sources.task_logs.places import LogFile, shown
from workbench.sources.task_logs.records import rejection
from workbench.sources.task_logs.shards import Read

PLACES = ("origin_path", "origin_line", "loaded_from")


class Gathering:
    """Counts lines and files while shards come in, and tells ids that were given twice."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int]] = {}
        self._lines = 0
        self._logs = self._without = self._others = 0
        self._rejections: list[Rejection] = []

    def logs(self, found: Iterable[LogFile | Path | OSError], *, root: Path) -> Iterator[LogFile]:
        """Yield the tries of a tree; count other files, and note folders that are closed."""
        for item in found:
            if isinstance(item, LogFile):
                yield item
            elif isinstance(item, OSError):
                reason = f"the folder cannot be read: {item.strerror or item}"
                self._rejections.append(rejection(shown(item.filename or root), 0, reason))
            else:
                self._others += 1

    def batch(self, read: Read) -> Batch:
        """Return what a shard gave, its lines counted from the beginning of the file."""
        shift = self._lines
        self._lines += read.lines
        self._logs, self._without = self._logs + read.logs, self._without + read.without
        for path, line, reason in read.faults:
            self._rejections.append(rejection(path, line + shift if line else 0, reason))
        placed = read.frame.with_columns((pl.col("origin_line") + shift).cast(pl.UInt32))
        frame, unchanged = self._once(placed)
        return self._made(frame, unchanged=unchanged)

    def end(self) -> Batch:
        """Return what is left to say."""
        said = []
        if self._without:
            said.append(f"{self._without} of {self._logs} logs tell of no failure")
        if self._others:
            said.append(f"{self._others} files are no attempt=N.log: not read")
        return self._made(FAILURES.empty(), unchanged=0, note="; ".join(said))

    def _made(self, frame: pl.DataFrame, *, unchanged: int, note: str = "") -> Batch:
        rejections, self._rejections = tuple(self._rejections), []
        frames = {FAILURES.name: frame}
        return Batch(frames=frames, rejections=rejections, unchanged=unchanged, note=note)

    def _once(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
        """Leave out a record whose given id came before: a copy, or one that is refused."""
        content = frame.select(pl.exclude(*PLACES)).hash_rows().to_list()
        ids, keys = frame["failure_id"].to_list(), frame["try_key"].to_list()
        paths, lines = frame["origin_path"].to_list(), frame["origin_line"].to_list()
        keep: list[bool] = []
        copies = 0
        for at, given in enumerate(ids):
            place = f"{paths[at]}: line {lines[at]}"
            first, same = self._seen.setdefault(given, (place, content[at]))
            keep.append(first == place or (keys[at] is not None and same != content[at]))
            if keep[-1]:
                continue
            if same == content[at]:
                copies += 1
            else:
                reason = f"its id is that of {first}, with other content"
                self._rejections.append(rejection(paths[at], lines[at], reason))
        return frame.filter(pl.Series(keep, dtype=pl.Boolean)), copies
