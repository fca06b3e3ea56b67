"""The text of a downstream's file as it stood at a moment, asked one at a time."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from workbench.sources.downstreams import trees
from workbench.sources.downstreams.repositories import Objects, head_of, is_bare, sealed
from workbench.sources.downstreams.source_text import decoded
from workbench.sources.downstreams.versions import dated_line


class Texts:
    """Texts of one downstream; what stands on disk counts in the place of HEAD."""

    def __init__(self, location: Path, objects: Objects | None, line: list[tuple[datetime, str]]):
        self._location, self._objects, self._line = location, objects, line
        self._on_disk = not is_bare(location)

    def at(self, path: str, moment: datetime) -> str | None:
        """The text of a file at a moment; nothing when there was none, or it is none."""
        newest = len(self._line)
        place = bisect_right(self._line, moment, key=lambda step: step[0])
        if self._on_disk and place == newest:
            content = self._from_disk(path)
        elif place and self._objects is not None and _is_plain(path):
            name = f"{self._line[place - 1][1]}:{path}"
            found = self._objects.read(name, largest=trees.LARGEST_BYTES)
            content = found.content if found else None
        else:
            content = None
        if content is None:
            return None
        try:
            return decoded(content)
        except (SyntaxError, UnicodeDecodeError):
            return None

    def _from_disk(self, path: str) -> bytes | None:
        file = self._location / path
        # no link leads out of the tree
        if not file.resolve().is_relative_to(self._location.resolve()):
            return None
        try:
            return file.read_bytes() if file.stat().st_size <= trees.LARGEST_BYTES else None
        except OSError:
            return None


def _is_plain(path: str) -> bool:
    """Whether a path is one that git may have: no part of it leads anywhere else."""
    return "\n" not in path and not {"", ".", ".."} & set(path.split("/"))


@contextlib.contextmanager
def open_texts(location: str | Path) -> Iterator[Texts]:
    """Open a folder, work tree or bare repository; the git that reads it ends with the block.

    Parameters
    ----------
    location : str or Path
        Where it stands.

    Raises
    ------
    SourceError
        Git cannot read the repository.
    """
    place = Path(location)
    tip = head_of(place).sha if is_bare(place) or (place / ".git").exists() else None
    if tip is None:
        yield Texts(place, None, [])
        return
    with sealed(place) as git:
        yield Texts(place, Objects(git), dated_line(git, tip))
