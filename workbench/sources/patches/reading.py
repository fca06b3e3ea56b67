"""Commits read by two git children at once, given back in the order they were asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from workbench.domain.history import Rejection
from workbench.sources.patches.child import Pairs, PatchChild
from workbench.sources.patches.paths import CORE_PATHSPEC
from workbench.sources.patches.sealed import BIG_FILE_BYTES, SealedGit

if TYPE_CHECKING:
    from workbench.sources.patches.slices import Slice

SLICE_COMMITS = 384
"""Two slices of questions (82 bytes each) fit into the smallest pipe, so asking never waits."""
BATCH_HUNKS = 30_000
_AHEAD_SLICES = 12
_IN_FLIGHT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """Commits that follow each other in what was asked for; ``first`` is the place of the first.

    ``commits`` holds commit_id, sha, author, authored_utc, committed_utc, subject and message: what
    git says of a commit alone. ``file_changes`` and ``hunks`` are as declared.
    """

    first: int
    commits: pl.DataFrame
    file_changes: pl.DataFrame
    hunks: pl.DataFrame
    rejections: tuple[Rejection, ...] = ()


def read_patches(
    git: SealedGit, pairs: Pairs, *, core_only: bool = False, workers: int = 2
) -> Iterator[Patches]:
    """Read what commits changed.

    Parameters
    ----------
    git : SealedGit
        Entered; errors and rejections name its repository.
    pairs : sequence of (str, str or None)
        Each commit and the commit it is compared with; None compares it with nothing.
    core_only : bool
        Only changes that are core before or after; the commits are all there.
    workers : int
        git children, each with a thread that parses what it prints.

    Yields
    ------
    Patches
        In the order of ``pairs``, some ten thousand hunks at a time; the same cuts every time.

    Raises
    ------
    SourceError
        A git child ended, or printed what git would not print.
    """
    slices = [pairs[at : at + SLICE_COMMITS] for at in range(0, len(pairs), SLICE_COMMITS)]
    desk = _Desk(slices)
    pathspec = CORE_PATHSPEC if core_only else ()
    kept = {"where": str(git.where), "core_only": core_only}
    children = [PatchChild(git, pathspec) for _ in range(min(workers, len(slices)))]
    threads = [
        threading.Thread(target=_work, args=(desk, child), kwargs=kept, daemon=True)
        for child in children
    ]
    try:
        for thread in threads:
            thread.start()
        for patches in _merged(desk.results()):
            yield _with_big_files(patches, git)
    finally:
        desk.stop()
        for child in children:
            child.kill()
        for thread in threads:
            thread.join()


class _Desk:
    """Slices to do and slices done, shared by the workers and the one who waits for them."""

    def __init__(self, slices: Sequence[Pairs]) -> None:
        self._slices = slices
        self._turn = threading.Condition()
        self._taken = self._given = 0
        self._done: dict[int, Slice] = {}
        self._error: BaseException | None = None
        self._stopped = False

    def take(self, *, wait: bool) -> tuple[int, Pairs] | None:
        """The next slice; None when there is none, or none yet and the worker need not wait."""
        with self._turn:
            while not self._stopped and self._taken < len(self._slices):
                if self._taken < self._given + _AHEAD_SLICES:
                    self._taken += 1
                    return self._taken - 1, self._slices[self._taken - 1]
                if not wait:
                    return None
                self._turn.wait()
            return None

    def put(self, number: int, done: Slice) -> None:
        with self._turn:
            self._done[number] = done
            self._turn.notify_all()

    def fail(self, error: BaseException) -> None:
        with self._turn:
            self._error = self._error or error
            self._turn.notify_all()

    def stop(self) -> None:
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    def results(self) -> Iterator[Slice]:
        """Slices in their order, as they get done."""
        for number in range(len(self._slices)):
            with self._turn:
                while number not in self._done and self._error is None:
                    self._turn.wait()
                if number not in self._done and self._error is not None:
                    raise self._error
                self._given = number + 1
                self._turn.notify_all()
                done = self._done.pop(number)
            yield done


def _work(desk: _Desk, child: PatchChild, *, where: str, core_only: bool) -> None:
    """Work until no slice is left; what goes wrong goes to whoever waits for the slices."""
    try:
        _answer_slices(desk, child, where=where, core_only=core_only)
    except BaseException as error:  # noqa: BLE001 - it is raised where the slices are read
        # Ctrl-C too: polars raises it in whichever thread it runs, and then only there.
        desk.fail(error)


def _answer_slices(desk: _Desk, child: PatchChild, *, where: str, core_only: bool) -> None:
    """Ask for slices, two ahead, and parse the answers."""
    asked: deque[tuple[int, Pairs]] = deque()
    while True:
        while len(asked) < _IN_FLIGHT and (taken := desk.take(wait=not asked)):
            child.ask(taken[1], number=taken[0])
            asked.append(taken)
        if not asked:
            return
        # Arrays are for loading alone, and git is at work while they are imported.
        from workbench.sources.patches.slices import read_slice

        number, pairs = asked.popleft()
        blocks, shas = child.answer(pairs, number=number), [sha for sha, _ in pairs]
        desk.put(number, read_slice(blocks, shas, where=where, core_only=core_only))


def _merged(slices: Iterable[Slice]) -> Iterator[Patches]:
    """Slices joined until they hold enough hunks to be worth a write."""
    held: list[Slice] = []
    first = 0
    for part in slices:
        held.append(part)
        if sum(len(one.hunks) for one in held) >= BATCH_HUNKS:
            joined = _joined(held, first=first)
            first += len(joined.commits)
            held = []
            yield joined
    if held:
        yield _joined(held, first=first)


def _joined(parts: Sequence[Slice], *, first: int) -> Patches:
    commits, changes = 0, 0
    frames: dict[str, list[pl.DataFrame]] = {"commits": [], "file_changes": [], "hunks": []}
    for part in parts:
        frames["commits"].append(part.commits.with_columns(pl.col("commit_id") + commits))
        frames["file_changes"].append(
            part.file_changes.with_columns(
                pl.col("commit_id") + commits, pl.col("change_id") + changes
            )
        )
        frames["hunks"].append(part.hunks.with_columns(pl.col("change_id") + changes))
        commits += len(part.commits)
        changes += len(part.file_changes)
    return Patches(
        first=first,
        **{name: pl.concat(some) for name, some in frames.items()},
        rejections=tuple(rejection for part in parts for rejection in part.rejections),
    )


def _with_big_files(patches: Patches, git: SealedGit) -> Patches:
    """The same, with a rejection for each file that git took for binary because of its size."""
    binary = patches.file_changes.filter("is_binary").select(
        "commit_id", "path", pl.concat_list("old_blob", "new_blob").list.drop_nulls().alias("blob")
    )
    if binary.is_empty():
        return patches
    asked = binary.explode("blob").drop_nulls("blob")
    feed = "\n".join([*asked["blob"], ""]).encode()
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", feed=feed).decode().split()
    big = (
        asked.with_columns(bytes=pl.Series(sizes).cast(pl.Int64, strict=False))
        .filter(pl.col("bytes") >= BIG_FILE_BYTES)
        .group_by("commit_id", "path", maintain_order=True)
        .agg(pl.col("bytes").max())
    )
    shas = patches.commits["sha"]
    rejections = tuple(
        Rejection(
            path=str(git.where),
            at=f"{shas[commit]} {path}",
            reason=f"The file is {size:,} bytes long, over {BIG_FILE_BYTES:,}: "
            "kept without its hunks.",
        )
        for commit, path, size in big.iter_rows()
    )
    return replace(patches, rejections=(*patches.rejections, *rejections))
