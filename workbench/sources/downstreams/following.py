"""Follows a tree from version to version: which rows stand there from when until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Generic

from workbench.sources.downstreams.linking import Links, Targets
from workbench.sources.downstreams.own_modules import OwnModules
from workbench.sources.downstreams.readings import FileFound, Readings, fits
from workbench.sources.downstreams.rows import (
    Followed,
    ImportRow,
    Row,
    Site,
    Span,
    imports_of,
    sites_of,
)
from workbench.sources.downstreams.tree_modules import TreeModules
from workbench.sources.downstreams.versions import Version

FILE = "\0"
"""Before a path it makes a name that no module has."""


class _Shown(Generic[Row]):
    """The rows of one kind that stand at each path now, and those that no longer do."""

    def __init__(self) -> None:
        self._gone: list[Span[Row]] = []
        self._there: dict[str, dict[Row, datetime | None]] = {}

    def show(self, path: str, rows: Iterable[Row], at: datetime | None) -> None:
        """Let these rows stand at a path from a moment on, and no others."""
        was = self._there.pop(path, {})
        now = {row: was.pop(row, at) for row in dict.fromkeys(rows)}
        self._gone += [(row, since, at) for row, since in was.items()]
        if now:
            self._there[path] = now

    def all(self) -> list[Span[Row]]:
        """Every row that ever stood somewhere."""
        still = [(row, s, None) for rows in self._there.values() for row, s in rows.items()]
        return self._gone + still


class _Follower:
    """One version of a tree at a time, with what has been read of it."""

    def __init__(self, readings: Readings, roots: Sequence[str]) -> None:
        self.sites: _Shown[Site] = _Shown()
        self.imports: _Shown[ImportRow] = _Shown()
        self.found: dict[str, FileFound] = {}
        self._readings, self._roots = readings, roots
        self._blobs: dict[str, str] = {}
        self._modules = OwnModules((), roots)
        self._tree = TreeModules()
        self._links = Links(self._tree)
        self._linked: dict[str, tuple[FileFound, dict[object, Targets]]] = {}

    def step(self, version: Version) -> None:
        """Go on to the next version."""
        fresh = self._read(version)
        for path in sorted({*fresh, *version.changes}):
            self._put(path, fresh.get(path))
        stale = self._links.forget(self._tree.settle())
        asked = {name.removeprefix(FILE) for name in stale if name.startswith(FILE)}
        for path in sorted(asked | fresh.keys()):
            if (found := self.found.get(path)) is not None:
                self._link(path, found, version.at)
        for path in {*fresh, *version.changes}:
            if path not in self.found:
                self._linked.pop(path, None)
                self.sites.show(path, (), version.at)
                self.imports.show(path, (), version.at)

    def _read(self, version: Version) -> dict[str, FileFound | None]:
        """What is new, and what must be read again because other files came or went."""
        before = self._modules
        for path, blob in version.changes.items():
            if blob is None:
                self._blobs.pop(path, None)
            else:
                self._blobs[path] = blob
        if self._blobs.keys() != before.name_of.keys():
            self._modules = OwnModules(self._blobs, self._roots)
        modules = self._modules
        fresh: dict[str, FileFound | None] = {
            path: self._readings.read(path, blob, modules)
            for path, blob in version.changes.items()
            if blob is not None
        }
        if modules is not before:
            for path, found in self.found.items():
                kept = path in self._blobs and path not in fresh
                if kept and not fits(found, path, modules, before):
                    fresh[path] = self._readings.read_again(path, self._blobs[path], modules)
        return fresh

    def _put(self, path: str, found: FileFound | None) -> None:
        if (was := self.found.pop(path, None)) is not None:
            self._tree.drop(path, was)
        if found is not None:
            self.found[path] = found
            self._tree.put(path, found)

    def _link(self, path: str, found: FileFound, at: datetime | None) -> None:
        """Show a file's rows, unless it and all that it gets from others stayed as they were."""
        targets = self._links.of(FILE + path, found.origins(), list(found.classes))
        was = self._linked.get(path)
        if was is not None and was[0] is found and was[1] == targets:
            return
        self._linked[path] = (found, targets)
        self.sites.show(path, sites_of(found, targets), at)
        self.imports.show(path, imports_of(found), at)


def follow(versions: Sequence[Version], *, readings: Readings, roots: Sequence[str]) -> Followed:
    """Read versions of a tree, the oldest first.

    Parameters
    ----------
    versions : sequence of Version
        Each with what it changes.
    readings : Readings
        Reads files.
    roots : sequence of str
        Packages of the upstream.
    """
    for version in versions:
        readings.wanted.update((p, b) for p, b in version.changes.items() if b is not None)
    follower = _Follower(readings, roots)
    for version in versions:
        follower.step(version)
    return Followed(follower.sites.all(), follower.imports.all(), len(follower.found))
