"""Patches between two commits as frames: one neutral reader for every source that has a git store.

git makes the patches, two children at a time; its output is marked so that the first byte of a line
says what the line is, and is parsed as arrays, never line by line.
"""

from __future__ import annotations

from workbench.sources.patches.paths import (
    CONFIG_ENDINGS,
    CORE_PATHSPEC,
    config_paths,
    core_paths,
    is_config_path,
    is_core_path,
)
from workbench.sources.patches.reading import Patches, read_patches
from workbench.sources.patches.sealed import Child, SealedGit, run_git, sealed_environment

__all__ = [
    "CONFIG_ENDINGS",
    "CORE_PATHSPEC",
    "Child",
    "Patches",
    "SealedGit",
    "config_paths",
    "core_paths",
    "is_config_path",
    "is_core_path",
    "read_patches",
    "run_git",
    "sealed_environment",
]
