"""Small histories from text: real git repositories, made in one go, always with the same ids."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

STARTED = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""Committer date of the first commit; each later one is an hour younger unless it says when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A tree entry that is no plain file: 100755 a program, 120000 a link, 160000 a submodule."""

    mode: str
    content: str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one commit does: text for a path writes it, None deletes it.

    ``parents`` are places in the list of commits; left out, the commit before it is the parent.
    """

    files: Mapping[str | bytes, str | bytes | Entry | None] = field(default_factory=dict)
    message: str | bytes = "Change"
    author: str = "Ada Miner"
    at: datetime | None = None
    authored_at: datetime | None = None
    parents: tuple[int, ...] | None = None


def make_repository(
    folder: Path, commits: Sequence[Commit], *, branch: str = "main", bare: bool = True
) -> tuple[str, ...]:
    """Make a repository with one branch that ends at the last commit.

    Parameters
    ----------
    folder : Path
        Is created.
    commits : sequence of Commit
        Oldest first.
    branch : str
        Its name; it is what HEAD points to.
    bare : bool
        False makes a clone with a work tree (which is left empty).

    Returns
    -------
    tuple of str
        The commits' ids, in order.
    """
    kind = ["--bare"] if bare else []
    git(folder.parent, "init", "-q", f"--initial-branch={branch}", *kind, str(folder))
    ref = f"refs/heads/{branch}".encode()
    stream: list[bytes] = []
    for number, commit in enumerate(commits):
        at = commit.at or STARTED + timedelta(hours=number)
        parents = commit.parents if commit.parents is not None else (number - 1,) * (number > 0)
        stream += [
            # Without it a commit that has no parent would follow the branch's last one.
            b"" if parents else b"reset %b\n\n" % ref,
            b"commit %b\nmark :%d\n" % (ref, number + 1),
            b"author %b\n" % _who(commit.author, commit.authored_at or at),
            b"committer %b\n" % _who("Merge Queue", at),
            _data(commit.message),
            *(b"%b :%d\n" % (b"merge" if n else b"from", p + 1) for n, p in enumerate(parents)),
            *(_file(path, content) for path, content in commit.files.items()),
        ]
    marks = folder.parent / f".{folder.name}.marks"
    git(folder, "fast-import", "--quiet", f"--export-marks={marks}", feed=b"".join(stream))
    ids = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    return tuple(ids[f":{number + 1}"] for number in range(len(commits)))


def git(folder: Path, *args: str, feed: bytes = b"") -> str:
    """Run git for a test, away from the user's settings; what it prints."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada Miner",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Merge Queue",
        "GIT_COMMITTER_EMAIL": "queue@example.org",
        "GIT_AUTHOR_DATE": STARTED.isoformat(),
        "GIT_COMMITTER_DATE": STARTED.isoformat(),
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *args], input=feed, capture_output=True, env=env, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _who(name: str, at: datetime) -> bytes:
    address = name.lower().replace(" ", ".")
    return f"{name} <{address}@example.org> {int(at.timestamp())} +0000".encode()


def _data(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return b"data %d\n%b\n" % (len(raw), raw)


def _file(path: str | bytes, content: str | bytes | Entry | None) -> bytes:
    raw = path.encode() if isinstance(path, str) else path
    odd = any(c < 32 or c in b'"\\' for c in raw)
    name = b'"%b"' % b"".join(b"\\%03o" % c for c in raw) if odd else raw
    if content is None:
        return b"D %b\n" % name
    entry = content if isinstance(content, Entry) else Entry(mode="100644", content=content)
    if entry.mode == "160000":
        assert isinstance(entry.content, str)
        return b"M 160000 %b %b\n" % (entry.content.encode(), name)
    return b"M %b inline %b\n%b" % (entry.mode.encode(), name, _data(entry.content))
