"""Commits read by two git children at once, given back in the order they were asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from workbench.domain.history import Rejection
from workbench.sources.patches.child import Pairs, PatchChild
from workbench.sources.patches.desk import Desk
from workbench.sources.patches.limits import LIMITS, Limits
from workbench.sources.patches.paths import CORE_PATHSPEC
from workbench.sources.patches.sealed import BIG_FILE_BYTES, SealedGit

if TYPE_CHECKING:
    from workbench.sources.patches.slices import Part

Reader = Callable[[Iterable[bytes], Sequence[str]], Iterator["Part"]]

SLICE_COMMITS = 384
"""Two slices of questions (82 bytes each) fit into the smallest pipe, so asking never waits."""
BATCH_HUNKS = 30_000
BATCH_BYTES = 32_000_000
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
    git: SealedGit,
    pairs: Pairs,
    *,
    core_only: bool = False,
    workers: int = 2,
    limits: Limits = LIMITS,
) -> Iterator[Patches]:
    """Read what commits changed.

    Parameters
    ----------
    git : SealedGit
        Entered; errors and rejections name its repository.
    pairs : sequence of (str, str or None)
        Each commit and the commit it is compared with; None compares it with nothing.
    core_only : bool
        Only changes that are core or configuration before or after; the commits are all there.
    workers : int
        git children, each with a thread that parses what it prints.
    limits : Limits
        How much text a patch and a commit may have.

    Yields
    ------
    Patches
        In the order of ``pairs``, some ten thousand hunks at a time.

    Raises
    ------
    SourceError
        A git child ended, or printed what git would not print.
    """
    slices = [pairs[at : at + SLICE_COMMITS] for at in range(0, len(pairs), SLICE_COMMITS)]
    desk = Desk(slices)
    pathspec = CORE_PATHSPEC if core_only else ()
    read = partial(_read_slice, where=str(git.where), core_only=core_only, limits=limits)
    children = [PatchChild(git, pathspec, limits=limits) for _ in range(min(workers, len(slices)))]
    threads = [
        threading.Thread(target=_work, args=(desk, child, read), daemon=True) for child in children
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


def _work(desk: Desk, child: PatchChild, read: Reader) -> None:
    """Work until no slice is left; what goes wrong goes to whoever waits for the slices."""
    try:
        _answer_slices(desk, child, read)
    except BaseException as error:  # noqa: BLE001 - it is raised where the slices are read
        # Ctrl-C too: polars raises it in whichever thread it runs, and then only there.
        desk.fail(error)


def _answer_slices(desk: Desk, child: PatchChild, read: Reader) -> None:
    """Ask for slices, two ahead, and parse the answers."""
    asked: deque[tuple[int, Pairs]] = deque()
    while True:
        while len(asked) < _IN_FLIGHT and (taken := desk.take(wait=not asked)):
            child.ask(taken[1], number=taken[0])
            asked.append(taken)
        if not asked:
            return
        number, pairs = asked.popleft()
        for part in read(child.answer(pairs, number=number), [sha for sha, _ in pairs]):
            desk.put(number, part)
        desk.finish(number)


def _read_slice(
    blocks: Iterable[bytes], shas: Sequence[str], *, where: str, core_only: bool, limits: Limits
) -> Iterator[Part]:
    # Arrays are for loading alone, and git is at work while they are imported.
    from workbench.sources.patches.slices import read_slice

    return read_slice(blocks, shas, where=where, core_only=core_only, limits=limits)


def _merged(parts: Iterable[Part]) -> Iterator[Patches]:
    """Parts joined until they hold enough to be worth a write."""
    held: list[Part] = []
    first = 0
    for part in parts:
        held.append(part)
        hunks, text = sum(len(p.hunks) for p in held), sum(p.text_bytes for p in held)
        if hunks >= BATCH_HUNKS or text >= BATCH_BYTES:
            joined = _joined(held, first=first)
            first += len(joined.commits)
            held = []
            yield joined
    if held:
        yield _joined(held, first=first)


def _joined(parts: Sequence[Part], *, first: int) -> Patches:
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
