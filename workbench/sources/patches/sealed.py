"""A git that sees one object store and nothing else: no settings, references, attributes, network.

What a user has set (an external diff, colours, quoting, textconv, replaced commits, attributes, a
promisor remote) changes what git prints or lets it reach for the network. Instead of overriding
settings one by one, the children run in a scratch repository of our own that borrows the objects.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType

from workbench.errors import Place, SourceError

BIG_FILE_BYTES = 16_000_000
"""From here on git calls a file binary without reading it (its diff may take a gigabyte)."""

_CONFIG = f"""\
[core]
\trepositoryformatversion = 0
\tbare = true
\tquotePath = false
\tattributesFile = {os.devnull}
\tbigFileThreshold = {BIG_FILE_BYTES}
[diff]
\trenameLimit = 1000
"""
_OTHER_IDS = """\
[core]
\trepositoryformatversion = 1
[extensions]
\tobjectFormat = {}
"""
_NO_GIT = "git is not installed, or not on the PATH."


def run_git(
    *args: str, env: Mapping[str, str], where: Path, feed: bytes = b"", todo: str = ""
) -> bytes:
    """What git prints.

    Parameters
    ----------
    *args : str
        The command after ``git``.
    env : mapping
        The whole environment of the child.
    where : Path
        The place an error names.
    feed : bytes
        Standard input.
    todo : str
        What an error tells the reader to do.

    Returns
    -------
    bytes
        Standard output.

    Raises
    ------
    SourceError
        git is missing, or failed; its own words are part of the message.
    """
    try:
        done = subprocess.run(
            ["git", *args], input=feed, capture_output=True, env=dict(env), check=False
        )
    except FileNotFoundError as missing:
        raise SourceError(_NO_GIT, todo="Install git 2.25 or newer.") from missing
    if done.returncode:
        raise git_failed(done.stderr, done.returncode, where=where, todo=todo)
    return done.stdout


def git_failed(
    stderr: bytes, code: int | None, *, where: Path, at: str = "", todo: str = ""
) -> SourceError:
    """The error for a git that failed, in git's own words."""
    words = " ".join(stderr.decode("utf-8", "replace").split())
    if not words:
        words = f"it was ended by signal {-code}" if code and code < 0 else f"it ended with {code}"
    return SourceError(
        f"git could not read it: {words}",
        where=Place(path=str(where), at=at),
        right="A repository with all its objects.",
        todo=todo or f"Run `git -C {where} fsck` to see what is missing or broken.",
    )


def sealed_environment(home: Path) -> dict[str, str]:
    """Environment variables for a git that has no settings of anybody and reaches no network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        # Three locks on the same door, for gits of different ages: nothing is ever fetched.
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A running git: its process, its two pipes, and the file that its complaints go to."""

    process: subprocess.Popen[bytes]
    stdin: FileIO
    stdout: FileIO
    complaints: Path

    def failed(self, *, where: Path, at: str) -> SourceError:
        """The error for this child, which ended before it was told to."""
        code = self.process.wait()
        return git_failed(self.complaints.read_bytes(), code, where=where, at=at)

    def end(self) -> None:
        """End the child, whatever it is doing, and collect it."""
        self.process.kill()
        self.process.wait()
        self.stdin.close()
        self.stdout.close()


class SealedGit:
    """A scratch repository over somebody's objects; leaving it ends every child it started.

    Parameters
    ----------
    objects : Path
        The folder ``objects`` of a repository.
    where : Path
        The repository, as errors name it.
    shallow : Path, optional
        The repository's list of commits whose parents are cut off.
    ids : str
        What its objects are named by, ``sha1`` or ``sha256``.
    """

    def __init__(
        self, objects: Path, *, where: Path, shallow: Path | None = None, ids: str = "sha1"
    ) -> None:
        self.where = where
        self._config = _CONFIG if ids == "sha1" else _CONFIG + _OTHER_IDS.format(ids)
        self._objects = objects
        self._shallow = shallow
        self._children: list[Child] = []

    def __enter__(self) -> SealedGit:
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-git-"))
        (self._folder / "refs").mkdir()
        (self._folder / "objects").mkdir()
        (self._folder / "HEAD").write_text("ref: refs/heads/none\n")
        (self._folder / "config").write_text(self._config)
        if self._shallow is not None and self._shallow.exists():
            shutil.copyfile(self._shallow, self._folder / "shallow")
        self._env = sealed_environment(self._folder) | {
            "GIT_DIR": str(self._folder),
            "GIT_OBJECT_DIRECTORY": str(self._objects),
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children:
            child.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, *args: str, feed: bytes = b"") -> bytes:
        """What one git command prints."""
        return run_git("-C", str(self._folder), *args, env=self._env, where=self.where, feed=feed)

    def start(self, args: Sequence[str]) -> Child:
        """Start a git whose pipes are ours."""
        complaints = self._folder / f"stderr-{len(self._children)}"
        try:
            with complaints.open("wb") as stderr:
                process = subprocess.Popen(
                    ["git", *args],
                    cwd=self._folder,
                    env=self._env,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    bufsize=0,
                )
        except FileNotFoundError as missing:
            raise SourceError(_NO_GIT, todo="Install git 2.25 or newer.") from missing
        # Unbuffered pipes, so each is the bare file.
        assert isinstance(process.stdin, FileIO)
        assert isinstance(process.stdout, FileIO)
        child = Child(
            process=process, stdin=process.stdin, stdout=process.stdout, complaints=complaints
        )
        self._children.append(child)
        return child
