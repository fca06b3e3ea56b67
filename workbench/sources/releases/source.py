"""Released versions as a source: each consecutive pair is one commit, ``release:A..B``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import polars as pl
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from workbench.domain.frames import COMMITS
from workbench.domain.loading import Batch, Known
from workbench.errors import SourceError
from workbench.sources.patches import Patches, SealedGit, read_patches
from workbench.sources.releases.index import archive_of, archives_at_hand
from workbench.sources.releases.trees import ReleaseTrees


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSource:
    """Versions of one distribution, oldest first; made by :func:`read_releases`."""

    name: str
    versions: tuple[Version, ...]
    files: tuple[Path, ...] | None
    cache: Path
    branch: None = None
    scope: str = "all"
    kind: str = "release"
    unit: str = "commits"

    @property
    def git_dir(self) -> Path:
        """The repository that holds the versions' files once they were read."""
        return self.cache / f"{canonicalize_name(self.name)}.git"

    @property
    def location(self) -> str:
        """Where the archives come from."""
        return ", ".join(map(str, self.files)) if self.files else "the package index"

    def line(self) -> list[str]:
        """The changes between versions, oldest first."""
        return [f"release:{a}..{b}" for a, b in pairwise(self.versions)]

    def read(self, known: Known) -> Iterator[Batch]:
        """Changes between versions that are not known yet, newest first.

        Nothing is fetched for pairs that are known, or for versions that were fetched before.
        """
        line = self.line()
        wanted = [n for n in range(len(line) - 1, -1, -1) if line[n] not in known.shas]
        if len(wanted) < len(line):
            yield Batch(unchanged=len(line) - len(wanted))
        if not wanted:
            return
        trees = ReleaseTrees(git_dir=self.git_dir, distribution=self.name)
        needed = [v for n, v in enumerate(self.versions) if n in wanted or n - 1 in wanted]
        commits = {v: trees.commit_of(v, path) for v, path in self._archives(needed).items()}
        for version, commit in commits.items():
            if left_out := trees.left_out(commit):
                note = f"{self.name} {version}: {left_out:,} files are no source and were left out"
                yield Batch(note=note)
        pairs = [(commits[self.versions[n + 1]], commits[self.versions[n]]) for n in wanted]
        with SealedGit(self.git_dir / "objects", where=self.git_dir) as git:
            for patches in read_patches(git, pairs):
                yield _batch(patches, line, wanted[patches.first :])

    def _archives(self, versions: Sequence[Version]) -> dict[Version, Path]:
        if self.files is not None:
            return archives_at_hand(self.files, self.name, versions)
        folder = self.cache / canonicalize_name(self.name)
        return {v: archive_of(self.name, v, cache=folder) for v in versions}


def read_releases(
    distribution: str,
    versions: Sequence[str],
    *,
    files: Sequence[str | Path] | None = None,
    cache: str | Path | None = None,
) -> ReleaseSource:
    """Name released versions of a distribution as a source; they are fetched when it is loaded.

    Parameters
    ----------
    distribution : str
        Its name on the package index that pip is set to.
    versions : sequence of str
        Two or more; they are put in order.
    files : sequence of str or Path, optional
        Wheels or ``.tar.gz`` sdists of these versions; then no index is asked.
    cache : str or Path, optional
        Folder that keeps archives and the trees made from them; one in the user's cache folder
        unless given.

    Returns
    -------
    ReleaseSource

    Raises
    ------
    SourceError
        Fewer than two versions, a name that is no version, or a file that is none of theirs.
    """
    try:
        ordered = tuple(sorted({Version(version) for version in versions}))
    except InvalidVersion as error:
        raise SourceError(
            f"This is no version: {error}.", right="Versions such as 3.1.6 and 3.1.7."
        ) from error
    if len(ordered) < 2:
        raise SourceError(
            f"{len(ordered)} version of {distribution} is not enough to compare.",
            right="Two or more different versions.",
            todo="Name the version before it, too.",
        )
    at_hand = tuple(Path(file).expanduser().absolute() for file in files) if files else None
    if at_hand is not None:
        archives_at_hand(at_hand, distribution, ordered)
    folder = Path(cache).expanduser().absolute() if cache is not None else _user_cache()
    return ReleaseSource(name=distribution, versions=ordered, files=at_hand, cache=folder)


def _user_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "workbench" / "releases"


def _batch(patches: Patches, line: Sequence[str], places: Sequence[int]) -> Batch:
    places = places[: len(patches.commits)]
    shas = [line[place] for place in places]
    named = dict(zip(patches.commits["sha"], shas, strict=True))
    commits = patches.commits.with_columns(
        sha=pl.Series(shas, dtype=pl.String),
        parent_sha=pl.lit(None, pl.String),
        position=pl.Series(places, dtype=pl.UInt32),
    )
    return Batch(
        frames={
            "commits": commits.select(list(COMMITS.columns)),
            "file_changes": patches.file_changes,
            "hunks": patches.hunks,
        },
        rejections=tuple(
            replace(rejection, at=named[rejection.at[:40]] + rejection.at[40:])
            for rejection in patches.rejections
        ),
    )
