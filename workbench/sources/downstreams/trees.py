"""The Python files of a folder, a work tree or a bare repository's HEAD, and what is left out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from workbench.domain.history import Rejection
from workbench.errors import Place, SourceError
from workbench.sources.downstreams.repositories import (
    Entry,
    entries_of,
    head_of,
    is_bare,
    sealed,
)

LARGEST_BYTES = 1024 * 1024
"""A Python file over this size was generated."""
NOT_OURS = frozenset(
    {"node_modules", "site-packages", "__pycache__", "vendor", "vendored", "third_party"}
)
"""Folders that hold other people's code; so do hidden ones, ``_vendor*`` and environments."""
ENVIRONMENT = "pyvenv.cfg"
"""A file at the top of a virtual environment."""
LINK, SUBMODULE = "120000", "160000"


@dataclass(slots=True, kw_only=True)
class Tree:
    """Where Python files stand; ``blobs`` are their ids when they come from a repository."""

    location: Path
    commit_sha: str | None = None
    committed_utc: datetime | None = None
    paths: list[str] = field(default_factory=list)
    blobs: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    submodules: set[str] = field(default_factory=set)
    links: int = 0
    is_unborn: bool = False
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def note(self) -> str:
        """What was left out, or is not there at all, in words; empty when nothing."""
        parts = []
        if self.left_out:
            parts.append(f"hidden folders and other people's code: {_some(self.left_out)}")
        if self.submodules:
            count = len(self.submodules)
            parts.append(f"{count} submodule{'s' * (count > 1)}: {_some(self.submodules)}")
        if self.links:
            parts.append(f"{self.links} symbolic link{'s' * (self.links > 1)}")
        left = f"left out {'; '.join(parts)}" if parts else ""
        none = "" if self.paths else "it holds no Python file"
        unborn = "its repository has no commit: it is read as it stands" if self.is_unborn else ""
        return "; ".join(filter(None, (unborn, none, left)))


def check_tree(location: Path) -> None:
    """Make sure that a folder is there, and a commit if it is a bare repository.

    Raises
    ------
    SourceError
        It is not.
    """
    if not location.is_dir():
        what = "There is no such folder." if not location.exists() else "This is not a folder."
        raise SourceError(
            what,
            where=Place(path=str(location)),
            right="A downstream is a folder, a work tree or a bare repository.",
        )
    if is_bare(location) and head_of(location).sha is None:
        what = "The repository has no commit at HEAD."
        raise SourceError(what, where=Place(path=str(location)), todo="Point HEAD to a branch.")


def open_tree(location: Path) -> Tree:
    """List a tree's Python files without reading them.

    Raises
    ------
    SourceError
        Git cannot read the repository.
    """
    if is_bare(location):
        return _of_repository(location)
    tree = Tree(location=location)
    if (location / ".git").exists():
        tree.commit_sha, tree.committed_utc = head_of(location)
        tree.is_unborn = tree.commit_sha is None
    _walk(tree, location, "")
    tree.paths.sort()
    return tree


def blob_of(content: bytes, *, like: str) -> str:
    """The id that git would give a file's content, of the kind of another id."""
    digest = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return digest(b"blob %d\0" % len(content) + content).hexdigest()


def shown(path: str) -> str:
    """A path as text that every reader can hold; bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def is_ours(path: str, environments: set[str]) -> bool:
    """Whether a file is Python of the downstream itself."""
    return path.endswith(".py") and _foreign_above(path, environments) is None


def environments_in(paths: Iterable[str]) -> set[str]:
    """The folders that are virtual environments by the files in them."""
    ending = f"/{ENVIRONMENT}"
    return {path.removesuffix(ending) for path in paths if path.endswith(ending)}


def too_large(size: int) -> str:
    """Why a file over the cap is rejected."""
    return f"it has {size:,} bytes; files over {LARGEST_BYTES:,} are not read"


def _some(names: set[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(sorted(names)[:5]) + more


def _walk(tree: Tree, folder: Path, inside: str) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        reason = f"the folder cannot be read: {error.strerror}"
        tree.rejections.append(Rejection(path=shown(inside), at="", reason=reason))
        return
    for entry in entries:
        path = inside + entry.name
        if entry.is_symlink():
            tree.links += 1
        elif entry.is_dir(follow_symlinks=False):
            _enter(tree, Path(entry.path), path)
        elif entry.name.endswith(".py"):
            if entry.is_file(follow_symlinks=False):
                tree.paths.append(path)
            else:  # a pipe would be waited for, a device read for ever
                reason = "it is no regular file"
                tree.rejections.append(Rejection(path=shown(path), at="", reason=reason))


def _enter(tree: Tree, folder: Path, path: str) -> None:
    if _is_foreign(folder.name) or (folder / ENVIRONMENT).exists():
        if folder.name != ".git":
            tree.left_out.add(shown(path))
    elif tree.commit_sha is not None and (folder / ".git").exists():
        tree.submodules.add(shown(path))
    else:
        _walk(tree, folder, path + "/")


def _is_foreign(folder: str) -> bool:
    return folder in NOT_OURS or folder.startswith((".", "_vendor"))


def _of_repository(location: Path) -> Tree:
    sha, committed = head_of(location)
    tree = Tree(location=location, commit_sha=sha, committed_utc=committed)
    with sealed(location) as git:
        entries = entries_of(git, str(sha))
    environments = environments_in(entry.path for entry in entries)
    for entry in entries:
        _sort_in(tree, entry, environments)
    tree.paths.sort()
    return tree


def _sort_in(tree: Tree, entry: Entry, environments: set[str]) -> None:
    if entry.mode == LINK:
        tree.links += 1
    elif (folder := _foreign_above(entry.path, environments)) is not None:
        tree.left_out.add(shown(folder))
    elif entry.mode == SUBMODULE:
        tree.submodules.add(shown(entry.path))
    elif entry.path.endswith(".py"):
        tree.paths.append(entry.path)
        tree.blobs[entry.path] = entry.blob


def _foreign_above(path: str, environments: set[str]) -> str | None:
    """The outermost folder above a path that is not ours."""
    parts = path.split("/")[:-1]
    for depth, part in enumerate(parts, 1):
        folder = "/".join(parts[:depth])
        if _is_foreign(part) or folder in environments:
            return folder
    return None
