"""The first-parent line of a branch, and what of it can be read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import Place, SourceError
from workbench.sources.patches import CORE_PATHSPEC, SealedGit


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A commit of the line; ``parent`` is None at the end of what git knows."""

    sha: str
    parent: str | None
    committed_seconds: int
    position: int


def first_parent_line(git: SealedGit, tip: str) -> tuple[Step, ...]:
    """Walk from a commit along first parents.

    Parameters
    ----------
    git : SealedGit
        Over the repository's objects.
    tip : str
        Where to start.

    Returns
    -------
    tuple of Step
        Newest first; the last one has position 0.
    """
    out = git.run("rev-list", "--first-parent", "--timestamp", "--parents", tip).decode()
    words = [line.split() for line in out.splitlines()]
    return tuple(
        Step(
            sha=word[1],
            parent=word[2] if len(word) > 2 else None,
            committed_seconds=int(word[0]),
            position=position,
        )
        for position, word in zip(range(len(words) - 1, -1, -1), words, strict=True)
    )


class Walk:
    """A walk along the line that goes on by itself, while its caller opens a store.

    Parameters
    ----------
    git : SealedGit
        Not entered yet.
    tip : str
        Where to start.
    """

    def __init__(self, git: SealedGit, tip: str) -> None:
        self._steps: tuple[Step, ...] = ()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._walk, args=(git, tip))
        self._thread.start()

    def steps(self) -> tuple[Step, ...]:
        """The line, newest first, once the walk has ended.

        Raises
        ------
        SourceError
            The walk could not be made.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._steps

    def _walk(self, git: SealedGit, tip: str) -> None:
        try:
            with git:
                self._steps = first_parent_line(git, tip)
        except BaseException as error:  # noqa: BLE001 - it is raised where the steps are taken
            self._error = error


def check_complete(
    git: SealedGit, pairs: Sequence[tuple[str, str | None]], *, core_only: bool
) -> None:
    """Refuse a clone that lacks contents which these commits changed.

    A history with holes would make every later "nothing found" a lie, so it is all or nothing.

    Raises
    ------
    SourceError
        Something is missing; nothing is fetched.
    """
    pathspec = CORE_PATHSPEC if core_only else ()
    feed = "".join(f"{sha} {base}\n" if base else f"{sha}\n" for sha, base in pairs).encode()
    raw = ["diff-tree", "--stdin", "--root", "-r", "--raw", "--no-abbrev", "--no-renames"]
    try:
        rows = git.run(*raw, "--", *pathspec, feed=feed).splitlines()
    except SourceError as failed:
        raise _partial(git, failed.what) from None
    # ":mode mode blob blob status<TAB>path"; a submodule's id (mode 160000) is no object of ours.
    blobs = {
        row[at : at + 40]
        for row in rows
        if row.startswith(b":")
        for mode, at in ((1, 15), (8, 56))
        if row[mode : mode + 6] not in (b"000000", b"160000")
    }
    checked = git.run("cat-file", "--batch-check", feed=b"\n".join([*sorted(blobs), b""]))
    missing = [line for line in checked.splitlines() if line.endswith(b" missing")]
    if missing:
        what = f"{len(missing):,} of {len(blobs):,} file contents were not cloned"
        raise _partial(git, f"{what}, for example {missing[0][:40].decode()}.")


def _partial(git: SealedGit, what: str) -> SourceError:
    return SourceError(
        f"This is a partial clone: {what}",
        where=Place(path=str(git.where)),
        right="A clone with the contents of all the commits to be read; none are fetched here.",
        todo=f"Run `git -C {git.where} fetch --refetch --no-filter`, or clone without --filter.",
    )
