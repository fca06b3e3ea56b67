"""What stands in the files of a tree's versions, from disk or from the repository."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.sources.downstreams import trees
from workbench.sources.downstreams.readings import MISSING
from workbench.sources.downstreams.repositories import Objects, sealed
from workbench.sources.downstreams.trees import Tree, blob_of, too_large
from workbench.sources.downstreams.versions import Line, Version, standing

DISK = "disk"
"""Stands for the id of a content that is read from disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Contents of one tree's files; ``objects`` is missing where there is no repository."""

    tree: Tree
    objects: Objects | None

    def read(self, path: str, blob: str) -> bytes | str:
        """The content of a file, or in words why there is none."""
        if blob == DISK or self.objects is None:
            return self._from_disk(path)
        found = self.objects.read(blob, largest=trees.LARGEST_BYTES)
        if found is None:
            return MISSING
        return too_large(found.size) if found.content is None else found.content

    def _from_disk(self, path: str) -> bytes | str:
        file = self.tree.location / path
        try:
            size = file.stat().st_size
            return too_large(size) if size > trees.LARGEST_BYTES else file.read_bytes()
        except OSError as error:
            return f"it cannot be read: {error.strerror}"

    def newest(self) -> Version:
        """The tree as it is now, as the only version there is."""
        blobs = {path: self.tree.blobs.get(path, DISK) for path in self.tree.paths}
        return Version(sha=None, at=None, changes=dict(blobs))

    def versions(self, line: Line) -> tuple[Version, ...]:
        """Every version, the oldest first.

        What stands on disk counts in the place of HEAD: somebody edits it.
        """
        if self.tree.blobs or not line.versions:
            return line.versions
        edited = self._edited(standing(line.versions))
        if not edited:
            return line.versions
        *before, last = line.versions
        if last.at == line.at:
            return *before, Version(sha=last.sha, at=last.at, changes=last.changes | edited)
        return *line.versions, Version(sha=self.tree.commit_sha, at=line.at, changes=edited)

    def _edited(self, committed: dict[str, str]) -> dict[str, str | None]:
        """What on disk is other than in a commit."""
        there = set(self.tree.paths)
        edited: dict[str, str | None] = {path: None for path in committed if path not in there}
        for path in self.tree.paths:
            blob = committed.get(path)
            content = self._from_disk(path) if blob else ""
            if not blob or isinstance(content, str) or blob_of(content, like=blob) != blob:
                edited[path] = DISK
        return edited


@contextlib.contextmanager
def open_contents(tree: Tree) -> Iterator[Contents]:
    """Open a tree's contents; the git that reads them ends with the block."""
    if tree.commit_sha is None:
        yield Contents(tree=tree, objects=None)
        return
    with sealed(tree.location) as git:
        yield Contents(tree=tree, objects=Objects(git))
