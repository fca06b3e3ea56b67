"""Whose turn it is to write: a lock file that says who holds it, and waits that say for whom."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import Place, StoreError

POLL_SECONDS = 0.05
SAY_AFTER_SECONDS = 1.0


def _holder(path: Path) -> str:
    """Who wrote the lock file last, in words; an unreadable file is nobody known."""
    try:
        held = json.loads(path.read_text("utf-8"))
        return f"process {held['pid']} on {held['host']} ({held['doing']}, since {held['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


@contextmanager
def turn(
    database: Path,
    *,
    doing: str,
    say: Callable[[str], None] | None = None,
    wait_seconds: float = 3600.0,
) -> Iterator[None]:
    """Hold the right to write ``database``; the kernel gives it back when the process dies.

    Parameters
    ----------
    database : pathlib.Path
        The DuckDB file; the lock file stands beside it with ``.lock`` appended.
    doing : str
        What the turn is for; shown to whoever waits.
    say : callable, optional
        Called once with a sentence when the wait takes longer than a second.
    wait_seconds : float
        After this the wait ends with an error.

    Raises
    ------
    StoreError
        Nobody gave the turn back in time, or the lock file cannot be made.
    """
    path = database.with_name(database.name + ".lock")
    try:
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        what = f"The lock file cannot be opened: {error.strerror}."
        raise StoreError(
            what, where=Place(path=str(path)), todo="Is the folder writable?"
        ) from error
    with handle:
        _acquire(handle.fileno(), path, say=say, wait_seconds=wait_seconds)
        handle.seek(0)
        handle.truncate()
        since = time.strftime("%H:%M:%S", time.gmtime()) + " UTC"
        who = {"pid": os.getpid(), "host": socket.gethostname(), "doing": doing, "since": since}
        json.dump(who, handle)
        handle.flush()
        try:
            yield
        finally:
            fcntl.flock(handle.fileno(), fcntl.LOCK_UN)


def _acquire(
    descriptor: int, path: Path, *, say: Callable[[str], None] | None, wait_seconds: float
) -> None:
    started, said = time.monotonic(), False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - started
            if waited > wait_seconds:
                what = f"{_holder(path)} has been writing for more than {wait_seconds:.0f} s."
                todo = "Let it finish or stop it, then run this again."
                raise StoreError(what, where=Place(path=str(path)), todo=todo) from None
            if waited > SAY_AFTER_SECONDS and not said:
                said = True
                (say or _to_stderr)(f"waiting for {_holder(path)} to finish writing")
            time.sleep(POLL_SECONDS)
        else:
            return


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
