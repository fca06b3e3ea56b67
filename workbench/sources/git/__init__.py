"""A repository's first-parent history: commits, file changes, hunks, and blobs by their id."""

from __future__ import annotations

from workbench.sources.git.blobs import read_blobs
from workbench.sources.git.source import GitSource, read_git
from workbench.sources.git.trees import read_tree
from workbench.sources.patches import CORE_PATHSPEC, core_paths, is_core_path

__all__ = [
    "CORE_PATHSPEC",
    "GitSource",
    "core_paths",
    "is_core_path",
    "read_blobs",
    "read_git",
    "read_tree",
]
