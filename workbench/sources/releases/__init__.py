"""Released versions of a distribution: each consecutive pair of wheels or sdists is one change."""

from __future__ import annotations

from workbench.sources.releases.source import ReleaseSource, read_releases
from workbench.sources.releases.trees import tree_before

__all__ = ["ReleaseSource", "read_releases", "tree_before"]
