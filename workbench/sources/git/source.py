"""A branch of a repository as a source: what is new on its first-parent line, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from workbench.domain.frames import COMMITS
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.sources.git.line import Step, Walk, check_complete
from workbench.sources.git.repository import Repository, find_tip, open_repository
from workbench.sources.patches import Patches, SealedGit, read_patches
from workbench.text.moments import When, moment


@dataclass(frozen=True, kw_only=True)
class GitSource:
    """Commits of one branch; made by :func:`read_git`.

    ``branch`` is the branch's name (``HEAD`` when detached), ``tip`` the commit it pointed to when
    the source was made, ``walk`` the line from there, ``scope`` what is read of a commit: ``core``
    or ``all``.
    """

    repository: Repository
    name: str
    branch: str
    tip: str
    walk: Walk
    scope: str
    since: datetime | None = None
    until: datetime | None = None
    kind: str = "git"
    unit: str = "commits"

    @property
    def git_dir(self) -> Path:
        """Where git keeps the repository."""
        return self.repository.git_dir

    @property
    def location(self) -> str:
        """The path as it was given."""
        return str(self.repository.place)

    def line(self) -> list[str]:
        """The whole first-parent line, root first, whatever the dates."""
        return [step.sha for step in reversed(self.walk.steps())]

    def read(self, known: Known) -> Iterator[Batch]:
        """Commits of the span that are not known yet, newest first.

        The commit at the edge of a shallow clone is a rejection: what it changed was not cloned;
        without its parent it would look as if it had added every file.
        """
        span = [step for step in self.walk.steps() if self._in_span(step)]
        cut = self._cut_off()
        rejected = tuple(
            Rejection(
                path=self.location,
                at=step.sha,
                reason="The clone is shallow and ends here: what this commit changed is not known. "
                f"`git -C {self.location} fetch --unshallow` brings the rest.",
            )
            for step in span
            if step.sha in cut and step.sha not in known.shas
        )
        steps = [s for s in span if s.sha not in known.shas and s.sha not in cut]
        unchanged = sum(step.sha in known.shas for step in span)
        if rejected or unchanged:
            yield Batch(rejections=rejected, unchanged=unchanged)
        if not steps:
            return
        pairs = [(step.sha, step.parent) for step in steps]
        core_only = self.scope == "core"
        with sealed(self.repository) as git:
            if self.repository.partial:
                check_complete(git, pairs, core_only=core_only)
            for patches in read_patches(git, pairs, core_only=core_only):
                yield _batch(patches, steps[patches.first :])

    def _in_span(self, step: Step) -> bool:
        after = self.since is None or step.committed_seconds >= self.since.timestamp()
        return after and (self.until is None or step.committed_seconds < self.until.timestamp())

    def _cut_off(self) -> frozenset[str]:
        shallow = self.repository.shallow
        return frozenset(shallow.read_text().split()) if shallow.exists() else frozenset()


def read_git(
    repo: str | Path,
    *,
    branch: str | None = None,
    since: When | None = None,
    until: When | None = None,
    core_only: bool = False,
    name: str | None = None,
) -> GitSource:
    """Name a branch of a local repository as a source; its changes are read when it is loaded.

    Parameters
    ----------
    repo : str or Path
        A work tree, its ``.git``, or a bare repository. Nothing is fetched.
    branch : str, optional
        A branch, remote branch or tag; without one what is checked out.
    since, until : str, date or datetime, optional
        Only commits with since <= committer date < until; the day of a bare date is included.
    core_only : bool
        Only ``*.py`` outside tests and docs, and the files that declare Airflow's options. Other
        commits are there too, without changes.
    name : str, optional
        What the store files it under; the folder's name unless given.

    Returns
    -------
    GitSource

    Raises
    ------
    SourceError
        The path is no repository, the branch is not there, or there is no commit yet.
    NoDateError
        What was given for a date is none.
    """
    first = moment(since, name="since")
    last = moment(until, name="until", end_of_day=True)
    repository = open_repository(repo)
    found, tip = find_tip(repository, branch)
    return GitSource(
        repository=repository,
        name=name or repository.name,
        branch=found,
        tip=tip,
        walk=Walk(sealed(repository), tip),
        scope="core" if core_only else "all",
        since=first,
        until=last,
    )


def sealed(repository: Repository) -> SealedGit:
    """A git of our own over the objects of a repository."""
    return SealedGit(repository.objects, where=repository.place, shallow=repository.shallow)


def _batch(patches: Patches, steps: list[Step]) -> Batch:
    steps = steps[: len(patches.commits)]
    commits = patches.commits.with_columns(
        parent_sha=pl.Series([step.parent for step in steps], dtype=pl.String),
        position=pl.Series([step.position for step in steps], dtype=pl.UInt32),
    )
    return Batch(
        frames={
            "commits": commits.select(list(COMMITS.columns)),
            "file_changes": patches.file_changes,
            "hunks": patches.hunks,
        },
        rejections=patches.rejections,
    )
