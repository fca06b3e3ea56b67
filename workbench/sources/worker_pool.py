"""Work in a few other processes, in order, few results waiting; they die with this process."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

from workbench.errors import SourceError

AHEAD = 2
"""Results that may wait for each worker."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_workers(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int = 2
) -> Iterator[Result]:
    """Yield the results in the order of the items.

    Parameters
    ----------
    work : callable
        A function of a module; it and its items are sent to another process.
    items : iterable
        What to work on; drawn as it is needed.
    workers : int
        How many processes.

    Raises
    ------
    SourceError
        A worker was killed.
    """
    context = get_context("spawn")
    # Workers live only as long as the other end of this pipe, which this process alone holds.
    lifeline, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(lifeline,)
    )
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(work, item))
            if len(pending) > AHEAD * workers:
                yield _result(pending.popleft())
        while pending:
            yield _result(pending.popleft())
    except BrokenProcessPool as error:
        what = "A process that reads was killed, perhaps for want of memory."
        raise SourceError(what, todo="Run it again.") from error
    finally:
        # what has begun is taken to its end: half a message would be waited for without end
        pool.shutdown(cancel_futures=True)
        held.close()
        lifeline.close()


def _result(future: Future[Result]) -> Result:
    # Waiting without end can sleep through ctrl-C: the signal may reach another thread.
    while not future.done():
        wait([future], timeout=0.2)
    return future.result()


def _begin(lifeline: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(1)
