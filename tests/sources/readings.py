"""Patches of a small repository, read in one go, and ways to look at them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.builders import git
from workbench.sources.patches import Patches, SealedGit, read_patches
from workbench.sources.patches.limits import LIMITS, Limits


def read(repository: Path, *, core_only: bool = False, limits: Limits = LIMITS) -> list[Patches]:
    """Everything on the first-parent line, newest first."""
    pairs = first_parents(repository)
    objects = Path(git(repository, "rev-parse", "--absolute-git-dir")) / "objects"
    with SealedGit(objects, where=repository) as sealed:
        return list(read_patches(sealed, pairs, core_only=core_only, limits=limits))


def first_parents(repository: Path) -> list[tuple[str, str | None]]:
    """Each commit of the first-parent line with its parent, newest first."""
    line = git(repository, "rev-list", "--first-parent", "--parents", "main")
    words = [one.split() for one in line.splitlines()]
    return [(word[0], word[1] if len(word) > 1 else None) for word in words]


def only(repository: Path, *, core_only: bool = False, limits: Limits = LIMITS) -> Patches:
    """The patches of a history that is short enough to come in one part."""
    (patches,) = read(repository, core_only=core_only, limits=limits)
    return patches


def rows(patches: Patches, *columns: str) -> list[tuple[object, ...]]:
    """Chosen columns of the file changes, beside the commit's subject."""
    subjects = patches.commits.select("commit_id", "subject")
    return patches.file_changes.join(subjects, on="commit_id").select(*columns).rows()


def hunks_of(patches: Patches, path: str) -> list[tuple[str, str]]:
    """Removed and added text of every hunk of a path, newest first."""
    changes = patches.file_changes.filter(pl.col("path") == path)
    return patches.hunks.join(changes, on="change_id").select("removed", "added").rows()
