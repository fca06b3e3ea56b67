"""The source files of a wheel or an sdist: the same paths from both, nothing unpacked to disk."""

from __future__ import annotations

import contextlib
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from workbench.errors import Place, SourceError

PYTHON_CAP_BYTES = 2_000_000
TEXT_CAP_BYTES = 512_000
"""Larger files that are not Python are built or generated: bundles, lock files, data."""

Member = tuple[str, int, Callable[[], bytes]]
"""A file's name as installed, its size, and its content when asked for."""
NOTHING = -1
"""Stands for the size of what has no content of its own, or is installed somewhere else."""

_PYTHON = (".py", ".pyi")
_METADATA = (".dist-info", ".egg-info")
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_NUL_WITHIN = 8000


@dataclass(kw_only=True)
class Archive:
    """What was read of an archive: files by path, the newest time in it, and what was left out."""

    files: dict[str, bytes] = field(default_factory=dict)
    newest: datetime = _EARLIEST
    left_out: int = 0

    def saw(self, at: datetime) -> None:
        """Take note of a file's time; times no build can have had are not believed."""
        if self.newest < at < _LATEST:
            self.newest = at


def read_archive(path: Path) -> Archive:
    """Read the Python and text files of a wheel or sdist.

    Parameters
    ----------
    path : Path
        A ``.whl`` or ``.tar.gz``.

    Returns
    -------
    Archive
        Paths as they would be installed: a wheel's as they are, an sdist's without its top folder
        and without ``src/``. Metadata folders, links, binary and over-long files are left out.

    Raises
    ------
    SourceError
        It cannot be read, or a member would land outside its folder.
    """
    archive = Archive()
    members = _wheel_members if path.suffix == ".whl" else _sdist_members
    try:
        for name, size, content in members(path, archive):
            if _is_source(name, size) and b"\0" not in (text := content())[:_NUL_WITHIN]:
                archive.files[name] = text
            else:
                archive.left_out += 1
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
    ) as error:
        raise SourceError(
            f"This archive cannot be read: {error}.",
            where=Place(path=str(path)),
            right="A whole wheel or .tar.gz.",
            todo="Delete it and run this again, or give another file.",
        ) from error
    if not archive.files:
        raise SourceError(
            "This archive holds no source.",
            where=Place(path=str(path)),
            right="Python or text files.",
        )
    return archive


def _wheel_members(path: Path, archive: Archive) -> Iterator[Member]:
    with zipfile.ZipFile(path) as opened:
        for info in opened.infolist():
            parts = _safe_parts(info.filename, path)
            if info.is_dir():
                continue
            # Zip keeps no zone; tools that build wheels write UTC.
            with contextlib.suppress(ValueError):
                archive.saw(datetime(*info.date_time, tzinfo=UTC))
            size = NOTHING if stat.S_ISLNK(info.external_attr >> 16) else info.file_size
            if parts[0].endswith(".data") and len(parts) > 2:
                # Of its folders, purelib and platlib are installed beside the other files.
                size = size if parts[1] in ("purelib", "platlib") else NOTHING
                parts = parts[2:]
            yield "/".join(parts), size, partial(opened.read, info)


def _sdist_members(path: Path, archive: Archive) -> Iterator[Member]:
    with tarfile.open(path, "r:gz") as opened:
        for info in opened:
            parts = _safe_parts(info.name, path)
            if info.isdir():
                continue
            archive.saw(datetime.fromtimestamp(max(0, min(info.mtime, 2**32)), UTC))
            parts = parts[2:] if parts[1:2] == ["src"] and len(parts) > 2 else parts[1:]
            file = opened.extractfile(info) if info.isfile() else None
            yield "/".join(parts), info.size if file else NOTHING, file.read if file else bytes


def _safe_parts(name: str, archive: Path) -> list[str]:
    """The parts of a member's name; one that leads out of its folder condemns the archive."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or not parts or ".." in parts or "\\" in name or ":" in parts[0]:
        raise SourceError(
            f"A member of this archive would land outside its folder: {name!r}.",
            where=Place(path=str(archive)),
            right="Relative names without `..`.",
            todo="Do not install this archive; get it from somewhere else.",
        )
    return parts


def _is_source(name: str, size: int) -> bool:
    top = name.split("/")[0]
    if size == NOTHING or top.endswith(_METADATA) or name == "PKG-INFO":
        return False
    return size <= (PYTHON_CAP_BYTES if name.endswith(_PYTHON) else TEXT_CAP_BYTES)
