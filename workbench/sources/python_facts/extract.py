"""Extracts facts from file changes, shard by shard, in this process or in two workers."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection

import polars as pl

from workbench.domain.loading import Batch
from workbench.errors import SourceError
from workbench.sources.python_facts.reading import Blobs, Shard, read_shard
from workbench.sources.python_facts.shards import Change, shards_of

# Below this the second to start two interpreters is not earned back.
CHANGES_WORTH_WORKERS = 3000
# Shards that may wait to be stored: storing comes in bursts, and the workers go on meanwhile.
AHEAD = 8


def extract(
    changes: pl.DataFrame,
    *,
    blobs: Blobs,
    known: frozenset[int] = frozenset(),
    workers: int = 2,
) -> Iterator[Batch]:
    """Extract the facts of the segments that stand on one side of each change.

    Parameters
    ----------
    changes : polars.DataFrame
        Columns ``change_id``, ``old_path``, ``path``, ``old_blob``, ``new_blob`` of Python files;
        a blob is null where the file is absent. Versions of a file come in order.
    blobs : callable
        Blob ids -> pairs of id and bytes, in order; null bytes for a blob that is missing or too
        large. It is sent to the workers, so it has to be picklable when there are any.
    known : frozenset of int
        Ids of segments that are stored; their facts are not given again.
    workers : int
        Processes to use for many changes; 1 stays in this process.

    Yields
    ------
    Batch
        One per shard, complete for its changes: ``segments``, ``change_segments``,
        ``change_facts`` and one frame per family. A segment may come in several batches. A file
        that does not parse is a rejection with its line. The last batch's note counts the files
        that were read whole and those that do not parse.

    Raises
    ------
    SourceError
        A worker was killed.
    """
    shards = shards_of(changes)
    several = workers > 1 and changes.height >= CHANGES_WORTH_WORKERS and len(shards) > 1
    if several:
        read = _in_workers(shards, blobs=blobs, known=known, workers=workers)
    else:
        read = (read_shard(shard, blobs=blobs, known=known) for shard in shards)
    whole = rejected = 0
    for at, shard in enumerate(read, start=1):
        whole += shard.whole
        rejected += len(shard.batch.rejections)
        note = ""
        if at == len(shards) and whole:
            note = (
                f"{whole - rejected} changes were read as whole files because a part of one does "
                f"not parse alone; {rejected} do not parse at all"
            )
        yield replace(shard.batch, note=note)


def _in_workers(
    shards: list[list[Change]], *, blobs: Blobs, known: frozenset[int], workers: int
) -> Iterator[Shard]:
    # Workers live only as long as the other end of this pipe, which this process alone holds: they
    # end at once with it, however it ends.
    context = get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(lifeline, blobs, known)
    )
    try:
        yield from _in_order(pool, shards, ahead=AHEAD * workers)
    except BrokenProcessPool as error:
        what = "A process that reads Python files was killed, perhaps for want of memory."
        raise SourceError(what, todo="Run it again: what was stored is not read twice.") from error
    except GeneratorExit:
        # A worker that is ended while it sends leaves half a message, and whoever reads that waits
        # for ever: what has begun, a shard or two, is taken to its end.
        pool.shutdown(cancel_futures=True)
        raise
    else:
        pool.shutdown()
    finally:
        held.close()
        pool.shutdown(cancel_futures=True)
        lifeline.close()


def _in_order(
    pool: ProcessPoolExecutor, shards: Iterable[list[Change]], *, ahead: int
) -> Iterator[Shard]:
    """Results in the order of the shards, few of them waiting at any time."""
    pending: deque[Future[Shard]] = deque()
    for shard in shards:
        pending.append(pool.submit(_work, shard))
        if len(pending) > ahead:
            yield _result(pending.popleft())
    while pending:
        yield _result(pending.popleft())


def _result(future: Future[Shard]) -> Shard:
    # Waiting without end can sleep through ctrl-C: the signal may reach another thread.
    while not future.done():
        wait([future], timeout=0.2)
    return future.result()


_given: dict[str, tuple[Blobs, frozenset[int]]] = {}


def _begin(lifeline: Connection, blobs: Blobs, known: frozenset[int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    _given["work"] = (blobs, known)


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(1)


def _work(shard: list[Change]) -> Shard:
    blobs, known = _given["work"]
    return read_shard(shard, blobs=blobs, known=known)
