"""The Python files of a folder, a work tree or a bare repository's HEAD, each read when asked."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from workbench.domain.history import Rejection
from workbench.errors import Place, SourceError
from workbench.sources.patches import SealedGit

LARGEST_BYTES = 4 * 1024 * 1024
NOT_OURS = frozenset(
    {"node_modules", "site-packages", "__pycache__", "vendor", "vendored", "third_party"}
)
"""Folders that hold other people's code; so do hidden ones, ``_vendor*`` and environments."""
QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # git before 2.44 does not know the line above
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
COMMITTED = re.compile(rb"^committer .*> (\d{1,11}) ", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class Tree:
    """Where Python files stand; ``blobs`` are their ids when they come from a repository."""

    location: Path
    commit_sha: str | None = None
    committed_utc: datetime | None = None
    paths: list[str] = field(default_factory=list)
    blobs: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    links: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def note(self) -> str:
        """What was left out, in words; empty when nothing was."""
        parts = []
        if self.left_out:
            names = ", ".join(sorted(self.left_out)[:5])
            more = f" and {len(self.left_out) - 5} more" if len(self.left_out) > 5 else ""
            parts.append(f"hidden folders and other people's code: {names}{more}")
        if self.links:
            parts.append(f"{self.links} symbolic link{'s' * (self.links > 1)}")
        return f"left out {'; '.join(parts)}" if parts else ""


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
    if _is_repository(location) and _head(location)[0] is None:
        what = "The repository has no commit at HEAD."
        raise SourceError(what, where=Place(path=str(location)), todo="Point HEAD to a branch.")


def open_tree(location: Path) -> Tree:
    """List a tree's Python files without reading them.

    Raises
    ------
    SourceError
        Git cannot read the repository.
    """
    if _is_repository(location):
        return _of_repository(location)
    tree = Tree(location=location)
    if (location / ".git").exists():
        tree.commit_sha, tree.committed_utc = _head(location)
    _walk(tree, location, "")
    tree.paths.sort()
    return tree


def read_files(tree: Tree) -> Iterator[tuple[str, bytes]]:
    """Paths and contents in order of path; a file that cannot be read becomes a rejection."""
    if tree.blobs:
        yield from _blobs(tree)
        return
    for path in tree.paths:
        file = tree.location / path
        try:
            if (size := file.stat().st_size) > LARGEST_BYTES:
                tree.rejections.append(_too_large(path, size))
                continue
            text = file.read_bytes()
        except OSError as error:
            reason = f"it cannot be read: {error.strerror}"
            tree.rejections.append(Rejection(path=shown(path), at="", reason=reason))
            continue
        yield path, text


def shown(path: str) -> str:
    """A path as text that every reader can hold; bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


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
            if _is_foreign(entry.name) or (Path(entry.path) / "pyvenv.cfg").exists():
                if entry.name != ".git":
                    tree.left_out.add(shown(path))
            else:
                _walk(tree, Path(entry.path), path + "/")
        elif entry.name.endswith(".py") and entry.is_file(follow_symlinks=False):
            tree.paths.append(path)


def _is_foreign(folder: str) -> bool:
    return folder in NOT_OURS or folder.startswith((".", "_vendor"))


def _is_repository(location: Path) -> bool:
    return (location / "HEAD").is_file() and (location / "objects").is_dir()


def _of_repository(location: Path) -> Tree:
    sha, committed = _head(location)
    tree = Tree(location=location, commit_sha=sha, committed_utc=committed)
    with _sealed(location) as git:
        listed = git.run("ls-tree", "-r", "-z", str(sha)).split(b"\0")
    rows = [row.partition(b"\t") for row in listed if row]
    entries = [(head.decode().split(), os.fsdecode(path)) for head, _, path in rows]
    suffix = "/pyvenv.cfg"
    foreign = {path.removesuffix(suffix) for _, path in entries if path.endswith(suffix)}
    for (mode, _, blob), path in entries:
        if mode == "120000":
            tree.links += 1
        elif (folder := _foreign_above(path, foreign)) is not None:
            tree.left_out.add(shown(folder))
        elif path.endswith(".py") and mode.startswith("100"):
            tree.paths.append(path)
            tree.blobs[path] = blob
    tree.paths.sort()
    return tree


def _foreign_above(path: str, environments: set[str]) -> str | None:
    for folder in reversed(PurePosixPath(path).parents[:-1]):
        if _is_foreign(folder.name) or str(folder) in environments:
            return str(folder)
    return None


def _blobs(tree: Tree) -> Iterator[tuple[str, bytes]]:
    with _sealed(tree.location) as git:
        child = git.start(["cat-file", "--batch"])
        answers = io.BufferedReader(child.stdout)
        for path in tree.paths:
            try:
                child.stdin.write(f"{tree.blobs[path]}\n".encode())
            except BrokenPipeError:
                raise child.failed(where=tree.location, at=shown(path)) from None
            if not (answer := answers.readline()):
                raise child.failed(where=tree.location, at=shown(path))
            head = answer.split()
            if len(head) < 3:
                reason = "the repository does not hold its blob"
                tree.rejections.append(Rejection(path=shown(path), at="", reason=reason))
                continue
            size = int(head[2])
            text = answers.read(size + 1)[:-1]
            if len(text) < size:
                raise child.failed(where=tree.location, at=shown(path))
            if size > LARGEST_BYTES:
                tree.rejections.append(_too_large(path, size))
                continue
            yield path, text


def _too_large(path: str, size: int) -> Rejection:
    reason = f"it has {size:,} bytes; files over {LARGEST_BYTES:,} are not read"
    return Rejection(path=shown(path), at="", reason=reason)


def _head(location: Path) -> tuple[str | None, datetime | None]:
    """Sha and date of the commit at HEAD; nothing when there is none yet."""
    asked = ("rev-parse", "--verify", "--quiet", "HEAD")
    if not (sha := _git(location, *asked, missing_is_fine=True).decode().strip()):
        return None, None
    with _sealed(location) as git:
        header = git.run("cat-file", "commit", sha).partition(b"\n\n")[0]
    found = COMMITTED.search(header)
    return sha, datetime.fromtimestamp(int(found[1]), tz=UTC) if found else None


def _sealed(location: Path) -> SealedGit:
    """A git that reads the repository's objects and knows nothing of its settings.

    Settings of a repository that somebody else made may name programs to run.
    """
    asked = ("rev-parse", "--show-object-format", "--git-path", "objects")
    ids, _, objects = _git(location, *asked).removesuffix(b"\n").partition(b"\n")
    return SealedGit(location / os.fsdecode(objects), where=location, ids=ids.decode())


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
