"""Files that stay open for a moment after a read, so that the next read need not open them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

SECONDS = 0.5
"""How long a writer may find the file held by somebody who reads no more."""


class Closable(Protocol):
    """A connection, as far as it matters here."""

    def close(self) -> None: ...


@dataclass(slots=True)
class _Kept:
    """A connection that nobody uses: it keeps the file open, for others to open it at once."""

    connection: Closable
    until: float
    gone: threading.Event = field(default_factory=threading.Event)
    watch: threading.Thread | None = None


_lock = threading.Lock()
_kept: dict[str, _Kept] = {}
_scopes: list[float] = []


@contextmanager
def lingering(seconds: float = SECONDS) -> Iterator[None]:
    """Keep what is read in this block open for so long after each read, and no longer than it.

    Opening a store takes twenty to forty milliseconds and a command reads some forty times.
    Without this block a store is closed after each read, so that a notebook holds no file.
    """
    _scopes.append(seconds)
    try:
        yield
    finally:
        _scopes.remove(seconds)
        if not _scopes:
            with _lock:
                names = list(_kept)
            for name in names:
                let_go(Path(name))


def linger(path: Path, connection: Closable) -> bool:
    """Take a connection that is not needed any more; False when it is the caller's to close."""
    if not _scopes:
        return False
    name, until = os.path.realpath(path), time.monotonic() + _scopes[-1]
    with _lock:
        kept = _kept.get(name)
        if kept is not None:
            kept.until = until
            return False
        kept = _kept[name] = _Kept(connection, until)
        kept.watch = threading.Thread(target=_close_in_time, args=(name, kept), daemon=True)
        kept.watch.start()
    return True


def let_go(path: Path) -> None:
    """Close what is kept of a file: somebody is going to write."""
    name = os.path.realpath(path)
    with _lock:
        kept = _kept.pop(name, None)
        if kept is not None:
            kept.connection.close()
            kept.gone.set()
    if kept is not None and kept.watch is not None:
        # a thread that ends after the interpreter would hold the connection, which then complains
        kept.watch.join()


def _close_in_time(name: str, kept: _Kept) -> None:
    while True:
        with _lock:
            if _kept.get(name) is not kept:
                return
            rest = kept.until - time.monotonic()
            if rest <= 0:
                del _kept[name]
                kept.connection.close()
                return
        kept.gone.wait(rest)
