"""A repository found and checked: where its objects are, which branch is meant, what it lacks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Place, SourceError
from workbench.sources.patches import run_git

_KEPT = ("GIT_CONFIG", "GIT_CEILING_DIRECTORIES")
_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository: ``place`` is what its owner calls it, ``git_dir`` where git keeps it.

    ``partial`` says that it was cloned with a filter, so that objects may be missing.
    """

    place: Path
    git_dir: Path
    name: str
    partial: bool

    @property
    def objects(self) -> Path:
        """The folder with its objects."""
        return self.git_dir / "objects"

    @property
    def shallow(self) -> Path:
        """The list of commits whose parents were not cloned; absent when all were."""
        return self.git_dir / "shallow"


def open_repository(repo: str | Path) -> Repository:
    """Find and check a repository.

    Parameters
    ----------
    repo : str or Path
        A work tree, its ``.git``, or a bare repository.

    Returns
    -------
    Repository

    Raises
    ------
    SourceError
        It is no repository, belongs to somebody else, or keeps ids of another kind.
    """
    place = Path(repo).expanduser().absolute()
    if not place.is_dir():
        what = "There is no such folder." if not place.exists() else "This is a file."
        raise SourceError(
            what,
            where=Place(path=str(place)),
            right="A git clone or a bare repository.",
            todo="Give the path of one.",
        )
    asked = ["rev-parse", "--git-dir", "--git-common-dir", "--show-object-format"]
    try:
        out = _git(place, *asked)
    except SourceError as failed:
        raise _no_repository(place, failed) from None
    inner, common, ids = os.fsdecode(out).splitlines()
    git_dir = (place / common).resolve()
    top = place.resolve()
    if (place / inner).resolve() != top and not (place / ".git").exists():
        above = git_dir.parent if git_dir.name == ".git" else git_dir
        raise SourceError(
            f"This folder stands inside the repository {above}, it is none itself.",
            where=Place(path=str(place)),
            right="The top folder of a git clone, or a bare repository.",
            todo=f"Give {above}.",
        )
    if ids != "sha1":
        raise SourceError(
            f"This repository names its objects by {ids}.",
            where=Place(path=str(place)),
            right="Object ids of 40 hex digits (sha1).",
        )
    named = top.parent if top.name == ".git" else top
    return Repository(
        place=place,
        git_dir=git_dir,
        name=named.name.removesuffix(".git") or named.name,
        partial=_is_partial(place),
    )


def find_tip(repository: Repository, branch: str | None) -> tuple[str, str]:
    """The branch that is meant and the commit it points to.

    Parameters
    ----------
    repository : Repository
        As opened.
    branch : str, optional
        Local branch, remote branch (with its remote or without) or tag; without one what is checked
        out, which has no name when HEAD is detached.

    Returns
    -------
    tuple of str
        The name (``HEAD`` when detached) and the commit.

    Raises
    ------
    SourceError
        There is no such branch, or no commit yet.
    """
    refs = ("refs/heads/{}", "refs/remotes/{}", "refs/remotes/origin/{}", "refs/tags/{}")
    candidates = [ref.format(branch) for ref in refs] if branch else ["HEAD"]
    for candidate in candidates:
        if tip := _commit_of(repository.place, candidate):
            return branch or _checked_out(repository.place), tip
    branches = _git(
        repository.place,
        "for-each-ref",
        "--sort=-committerdate",
        "--format=%(refname:short)",
        "refs/heads",
        "refs/remotes",
    )
    names = os.fsdecode(branches).split()
    if not names:
        raise SourceError(
            "This repository has no commit yet.",
            where=Place(path=str(repository.place)),
            right="A repository with a history.",
        )
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    raise SourceError(
        f"There is no branch {branch!r}." if branch else "What is checked out has no commit.",
        where=Place(path=str(repository.place)),
        right=f"Branches here, newest first: {', '.join(names[:_LISTED])}{more}.",
        todo="Name one of them.",
    )


def _git(place: Path, *args: str) -> bytes:
    """Ask the repository itself: with its owner's settings, but not with ours for another one."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    sealed = {"LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "", "GIT_NO_REPLACE_OBJECTS": "1"}
    return run_git("-C", str(place), *args, env=env | sealed, where=place)


def _commit_of(place: Path, ref: str) -> str | None:
    try:
        out = _git(
            place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
    except SourceError:
        return None
    return out.decode().strip()


def _checked_out(place: Path) -> str:
    try:
        return os.fsdecode(_git(place, "symbolic-ref", "--short", "HEAD")).strip()
    except SourceError:
        return "HEAD"


def _is_partial(place: Path) -> bool:
    pattern = r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$"
    try:
        return bool(_git(place, "config", "--get-regexp", pattern).strip())
    except SourceError:
        return False


def _no_repository(place: Path, failed: SourceError) -> SourceError:
    if "dubious ownership" in failed.what:
        return SourceError(
            "This repository belongs to another user, so git does not read it.",
            where=Place(path=str(place)),
            todo=f"If you trust it, run: git config --global --add safe.directory {place}",
        )
    if "not a git repository" in failed.what:
        return SourceError(
            "This folder is no git repository.",
            where=Place(path=str(place)),
            right="The top folder of a git clone, or a bare repository.",
            todo="Give the path of one.",
        )
    return failed
