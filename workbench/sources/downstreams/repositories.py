"""What git says of a downstream: its commit at HEAD, that commit's files, their contents."""

from __future__ import annotations

import io
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from workbench.errors import Place, SourceError
from workbench.sources.patches import SealedGit

QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # git before 2.44 does not know the line above
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
COMMITTED = re.compile(rb"^committer .*> (\d{1,11}) ", re.MULTILINE)


class Head(NamedTuple):
    """The commit at HEAD and its committer date; both are missing before the first commit."""

    sha: str | None
    at: datetime | None


class Entry(NamedTuple):
    """One entry of a commit's tree."""

    mode: str
    blob: str
    path: str


class Object(NamedTuple):
    """An object's size and, where it was asked for, its bytes."""

    size: int
    content: bytes | None


def is_bare(location: Path) -> bool:
    """Whether a folder is a repository without a work tree (or the inside of one)."""
    return (location / "HEAD").is_file() and (location / "objects").is_dir()


def head_of(location: Path) -> Head:
    """The commit at HEAD.

    Raises
    ------
    SourceError
        Git cannot read the repository.
    """
    asked = ("rev-parse", "--verify", "--quiet", "HEAD")
    if not (sha := _git(location, *asked, missing_is_fine=True).decode().strip()):
        return Head(None, None)
    with sealed(location) as git:
        header = git.run("cat-file", "commit", sha).partition(b"\n\n")[0]
    found = COMMITTED.search(header)
    return Head(sha, datetime.fromtimestamp(int(found[1]), tz=UTC) if found else None)


def sealed(location: Path) -> SealedGit:
    """A git that reads the repository's objects and knows nothing of its settings.

    Settings of a repository that somebody else made may name programs to run.
    """
    asked = ("rev-parse", "--show-object-format", "--git-path", "objects", "--git-path", "shallow")
    said = _git(location, *asked).removesuffix(b"\n").split(b"\n")
    ids, objects, shallow = said[0], b"\n".join(said[1:-1]), said[-1]
    return SealedGit(
        location / os.fsdecode(objects),
        where=location,
        shallow=location / os.fsdecode(shallow),
        ids=ids.decode(),
    )


def is_shallow(location: Path) -> bool:
    """Whether the repository's history is cut off."""
    asked = _git(location, "rev-parse", "--is-shallow-repository")
    return asked.strip() == b"true"


def entries_of(git: SealedGit, commit: str) -> list[Entry]:
    """Every entry of a commit's tree, folders left out."""
    listed = git.run("ls-tree", "-r", "-z", commit).split(b"\0")
    rows = [row.partition(b"\t") for row in listed if row]
    heads = [(head.decode().split(), os.fsdecode(path)) for head, _, path in rows]
    return [Entry(mode, blob, path) for (mode, _, blob), path in heads]


class Objects:
    """Objects by their id, one after the other."""

    def __init__(self, git: SealedGit) -> None:
        self._where = git.where
        self._child = git.start(["cat-file", "--batch"])
        self._answers = io.BufferedReader(self._child.stdout)

    def read(self, name: str, *, largest: int) -> Object | None:
        """One object; None when the repository does not hold it, no content over ``largest``."""
        try:
            self._child.stdin.write(f"{name}\n".encode())
        except BrokenPipeError:
            raise self._child.failed(where=self._where, at=name) from None
        if not (answer := self._answers.readline()):
            raise self._child.failed(where=self._where, at=name)
        head = answer.split()
        if len(head) < 3:
            return None
        size = int(head[2])
        content = self._answers.read(size + 1)[:-1]
        if len(content) < size:
            raise self._child.failed(where=self._where, at=name)
        return Object(size, content if size <= largest else None)


def _git(location: Path, *arguments: str, missing_is_fine: bool = False) -> bytes:
    """Ask the repository itself, only for what ``rev-parse`` answers: that runs no programs."""
    command = ["git", "-C", str(location), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, env=_quiet(), check=False)
    except FileNotFoundError as error:
        what = "git is not installed."
        raise SourceError(what, where=Place(path=str(location)), todo="Install git.") from error
    if done.returncode == 0 or (missing_is_fine and not done.stderr):
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
    raise SourceError(f"git cannot read it: {said}", where=Place(path=str(location)))


def _quiet() -> dict[str, str]:
    """An environment in which git asks nobody and writes nothing."""
    return {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | QUIET
