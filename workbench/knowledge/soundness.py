"""What a check found nothing wrong with, remembered between processes by its content.

A check of all patterns takes a second, and a scan of one day should not take four. What is kept is
that a content was sound, never the content: an entry is an empty file named by the digest of
everything that the check looked at, the checking code and its engines among it. So an entry cannot
be stale, and two processes that write the same one do not disturb each other. A folder that others
may write into is not believed; without a folder everything is checked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import workbench
from workbench.domain.patterns import Problem

MOST_ENTRIES = 4000
"""When there are more, all go: each edit leaves one behind that nobody asks for again."""
ENGINES = ("duckdb", "polars", "jsonschema")
CODE = (".py", ".sql", ".json")
FOLDER_MODE, OTHERS_WRITE = 0o700, stat.S_IWGRP | stat.S_IWOTH


def unless_sound(
    looked_at: Sequence[str], check: Callable[[], tuple[Problem, ...]]
) -> tuple[Problem, ...]:
    """Return what a check finds; where it found nothing in the same content before, do not ask it.

    Parameters
    ----------
    looked_at : sequence of str
        The name of the check, and everything that its answer depends on beside our own code.
    check : callable
        The check.
    """
    entry = _entry(looked_at)
    if entry is not None and _is_believed(entry):
        return ()
    found = check()
    if entry is not None and not found:
        _remember(entry)
    return found


def sound_folder() -> Path | None:
    """Return the folder of the entries, below the user's cache folder; None without a home."""
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(home) if home else Path.home() / ".cache") / "workbench" / "sound"
    except RuntimeError:
        return None


def _entry(looked_at: Sequence[str]) -> Path | None:
    folder, code = sound_folder(), _code_stamp()
    if folder is None or code is None:
        return None
    content = blake2b(code, digest_size=20)
    for part in looked_at:
        told = part.encode("utf-8", "surrogatepass")
        content.update(len(told).to_bytes(8, "big") + told)
    return folder / content.hexdigest()


def _is_believed(entry: Path) -> bool:
    """Whether the entry is there, and nobody else can have put it there."""
    try:
        about, folder = entry.lstat(), entry.parent.lstat()
    except OSError:
        return False
    return stat.S_ISREG(about.st_mode) and stat.S_ISDIR(folder.st_mode) and _is_own(folder)


def _is_own(folder: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):
        return True  # home folders are closed by other means there
    return folder.st_uid == os.getuid() and not folder.st_mode & OTHERS_WRITE


def _remember(entry: Path) -> None:
    # a home that cannot be written to costs a second each time, no more
    with suppress(OSError):
        entry.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        there = list(entry.parent.iterdir())
        for old in there if len(there) >= MOST_ENTRIES else ():
            with suppress(OSError):
                old.unlink()
        entry.touch(mode=0o600)


@cache
def _code_stamp() -> bytes | None:
    """Name the code that checks: every file of the package, its time and size, and the engines."""
    try:
        files = sorted(_files(str(Path(workbench.__file__).parent)))
        engines = [(name, version(name)) for name in ENGINES]
    except (OSError, PackageNotFoundError):
        return None
    return blake2b(repr((files, engines)).encode("utf-8", "surrogatepass")).digest()


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.name.endswith(CODE):
                about = entry.stat()
                yield entry.path, about.st_mtime_ns, about.st_size
