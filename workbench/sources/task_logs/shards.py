"""Parts that logs and gathered texts are read in: by this process, or by two others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from workbench.sources.task_logs.given_rows import gathered_rows
from workbench.sources.task_logs.lines import Line, file_lines
from workbench.sources.task_logs.places import LogFile, shown
from workbench.sources.task_logs.records import Origin, Records
from workbench.sources.worker_pool import in_workers

SHARD_BYTES = 8 << 20
"""Bytes of a file of gathered texts that are read at once."""
SHARD_LOGS = 500
"""Logs of a tree that are read at once."""
WORTH_WORKERS = 2
"""Fewer shards are read here: to start a process takes longer."""

LineReader = Callable[[Records, Path, Iterator[Line]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Some logs, or the lines of a file that begin between two bytes."""

    origin: Origin
    logs: tuple[LogFile, ...] = ()
    path: Path | None = None
    start: int = 0
    stop: int = 0
    reader: LineReader | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a shard gave; of a part of a file the lines count from its own first one."""

    frame: pl.DataFrame
    faults: tuple[tuple[str, int, str], ...]
    lines: int
    logs: int
    without: int


def read_shards(shards: Iterable[Shard], *, workers: int = 2) -> Iterator[Read]:
    """Read shards in their order, in other processes when there are several."""
    coming = iter(shards)
    first = list(islice(coming, WORTH_WORKERS + 1))
    every = chain(first, coming)
    if len(first) <= WORTH_WORKERS or workers < 2 or (os.cpu_count() or 1) < 2:
        return map(read_shard, every)
    return in_workers(read_shard, every, workers=workers)


def read_shard(shard: Shard) -> Read:
    """Read one shard."""
    records = Records(shard.origin)
    for log in shard.logs:
        records.add_log(log)
    if shard.path is not None and shard.reader is not None:
        lines = file_lines(shard.path, start=shard.start, stop=shard.stop)
        shard.reader(records, shard.path, _counted(lines, records))
    return Read(
        frame=records.frame(),
        faults=tuple(records.faults),
        lines=records.lines,
        logs=records.logs,
        without=records.without,
    )


def shards_of_file(path: Path, *, origin: Origin, reader: LineReader) -> Iterator[Shard]:
    """Cut a file into parts; each line belongs to the part that it begins in."""
    size = path.stat().st_size
    for start in range(0, max(size, 1), SHARD_BYTES):
        stop = min(start + SHARD_BYTES, size)
        yield Shard(origin=origin, path=path, start=start, stop=stop, reader=reader)


def shards_of_logs(logs: Iterable[LogFile], *, origin: Origin) -> Iterator[Shard]:
    """Gather the logs of a tree, some hundreds together."""
    coming = iter(logs)
    while some := tuple(islice(coming, SHARD_LOGS)):
        yield Shard(origin=origin, logs=some)


def read_gathered(records: Records, path: Path, lines: Iterator[Line]) -> None:
    """Read gathered texts, redacted together."""
    origin = shown(path)
    for line, row in gathered_rows(lines):
        if isinstance(row, str):
            records.reject(path, line, row)
        else:
            given: dict[str, Any] = {**row, "origin_line": line, "source": "given"}
            records.keep(given, path=origin)


def _counted(lines: Iterator[Line], records: Records) -> Iterator[Line]:
    for line in lines:
        records.lines = line.number
        yield line
