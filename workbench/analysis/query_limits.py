"""What one query may use, and what holds it to that from outside the engine."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use; going over any of them is a :class:`DetectorError`."""

    seconds: float = 20.0
    memory_bytes: int = 1 << 30
    address_space_bytes: int = 3 << 30
    rows: int = 200_000
    result_bytes: int = 256 << 20
    threads: int = 2


class Interruptible(Protocol):
    """A connection whose running query can be interrupted from another thread."""

    def interrupt(self) -> None: ...


@contextlib.contextmanager
def interrupted_after(con: Interruptible, seconds: float) -> Iterator[None]:
    """Interrupt what runs on ``con`` after so many seconds, again and again until it stops."""
    done = threading.Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            con.interrupt()
            wait = 0.02

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@contextlib.contextmanager
def bounded(growth_bytes: int) -> Iterator[None]:
    """Let the process grow by so much and no more, where the system can hold it to that."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):  # no such limit on this system: the engine's own one remains
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + growth_bytes
    ceiling = min(x for x in (wanted, soft, hard) if x != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
