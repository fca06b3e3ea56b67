"""The versions of a downstream's tree: what each commit of its line did to which file, and when."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.sources.downstreams.repositories import is_shallow, sealed
from workbench.sources.downstreams.trees import ENVIRONMENT, environments_in, is_ours
from workbench.sources.patches import SealedGit

LAST_SECOND = 253_402_300_799
"""The last one of the year 9999; a clock beyond it is wrong anyhow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A tree from a moment on: the files that are other than before.

    ``at`` is null where nothing is known of dates; ``changes`` gives for a path the id of its
    content, nothing where it is gone.
    """

    sha: str | None
    at: datetime | None
    changes: dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The versions along the first parents of a commit, the oldest first.

    ``at`` is the date of the last commit, ``shas`` are all commits of the line, ``shallow`` says
    that older ones are missing, ``moved`` how many are dated out of order.
    """

    versions: tuple[Version, ...]
    at: datetime
    shas: frozenset[str]
    shallow: bool
    moved: int

    def notes(self, newest_before: frozenset[str]) -> list[str]:
        """What to know of the line, ``newest_before`` being commits that were its last one once."""
        first = self.versions[0].at
        said = [f"{len(self.versions)} versions since {first:%Y-%m-%d}"]
        if self.moved:
            said.append(
                f"{self.moved} commits are dated out of order and count with the one before"
            )
        if self.shallow:
            said.append("a shallow clone: what stood there before is not known")
        elif gone := newest_before - self.shas:
            names = ", ".join(sha[:10] for sha in sorted(gone))
            said.append(f"{names} left its history (it was rewritten): all was read again")
        return said


def read_line(location: Path, tip: str) -> Line:
    """The versions of a repository's Python files up to a commit.

    Commits of one moment are one version: nobody can ask for what stood between them.

    Raises
    ------
    SourceError
        Git cannot read the repository.
    """
    with sealed(location) as git:
        steps = _steps(git, tip)
        changed = _changes(git, [step[1:3] for step in steps])
    shas = [step[1] for step in steps]
    dates, moved = in_order([_second(step[0]) for step in steps])
    environments = environments_in(path for rows in changed.values() for path in rows)
    versions: dict[int, Version] = {}
    for sha, date in zip(shas, dates, strict=True):
        ours = {p: b for p, b in changed.get(sha, {}).items() if is_ours(p, environments)}
        if ours or not versions:
            before = versions[date].changes if date in versions else {}
            versions[date] = Version(sha=sha, at=_utc(date), changes=before | ours)
    return Line(
        versions=tuple(versions.values()),
        at=_utc(dates[-1]),
        shas=frozenset(shas),
        shallow=is_shallow(location),
        moved=moved,
    )


def dated_line(git: SealedGit, tip: str) -> list[tuple[datetime, str]]:
    """The commits along first parents, the oldest first, each with the date it counts from."""
    steps = _steps(git, tip)
    dates, _ = in_order([_second(step[0]) for step in steps])
    return [(_utc(date), step[1]) for date, step in zip(dates, steps, strict=True)]


def standing(versions: Iterable[Version]) -> dict[str, str]:
    """What stands where after some versions: path -> id of its content."""
    found: dict[str, str | None] = {}
    for version in versions:
        found.update(version.changes)
    return {path: blob for path, blob in found.items() if blob is not None}


def in_order(seconds: Sequence[int]) -> tuple[list[int], int]:
    """Dates that never fall, and how many had to be changed for it.

    As many as can be stay; one that does not fit (a clock that went wrong) gets the date of the
    commit before it.
    """
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, second in enumerate(seconds):
        at = bisect_right(ends, second)
        before.append(places[at - 1] if at else -1)
        ends[at : at + 1] = [second]
        places[at : at + 1] = [place]
    kept: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    dates: list[int] = []
    first = seconds[min(kept)] if kept else 0
    for place, second in enumerate(seconds):
        dates.append(second if place in kept else dates[-1] if dates else first)
    return dates, len(seconds) - len(kept)


def _steps(git: SealedGit, tip: str) -> list[list[str]]:
    """Second, commit and parents of each commit along first parents, the oldest first."""
    out = git.run("rev-list", "--first-parent", "--timestamp", "--parents", tip).decode()
    return [line.split() for line in out.splitlines()][::-1]


def _second(text: str) -> int:
    return min(int(text), LAST_SECOND)


def _changes(git: SealedGit, pairs: Sequence[list[str]]) -> dict[str, dict[str, str | None]]:
    """By commit: path -> id of its content, nothing where no plain file stands any more.

    Each commit is compared with its first parent. A ``log`` of some paths would leave out merges
    that brought nothing but what they merged.
    """
    command = ("diff-tree", "--stdin", "--root", "-r", "--raw", "-z", "--no-renames")
    feed = "".join(f"{' '.join(pair)}\n" for pair in pairs).encode()
    paths = ("--no-abbrev", "--", "*.py", f"*{ENVIRONMENT}")
    fields = iter(git.run(*command, *paths, feed=feed).split(b"\0"))
    found: dict[str, dict[str, str | None]] = {}
    rows: dict[str, str | None] = {}
    for field in fields:
        if field.startswith(b":"):
            _, mode, _, blob, _ = field.split()
            rows[os.fsdecode(next(fields))] = blob.decode() if mode.startswith(b"100") else None
        elif field:
            rows = found.setdefault(field.decode().strip(), {})
    return found


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
