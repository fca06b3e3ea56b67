"""Which dotted names stand on a hot path."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from workbench.domain.patterns import HotPath


def on_hot_path(name: pl.Expr, hot_paths: Sequence[HotPath]) -> pl.Expr:
    """Whether a dotted name is an entry point, or below one that ends in ``.*``."""
    if not hot_paths:
        return pl.lit(value=False)
    bodies = (
        re.escape(h.qualname.removesuffix(".*")) + (r"\..+" if h.qualname.endswith(".*") else "")
        for h in hot_paths
    )
    return name.str.contains(rf"\A(?:{'|'.join(bodies)})\z").fill_null(value=False)


def covers(hot: HotPath, name: str | None) -> bool:
    """The same for one entry point and one name."""
    if not hot.qualname.endswith(".*"):
        return name == hot.qualname
    head = hot.qualname.removesuffix("*")
    return bool(name) and str(name).startswith(head) and name != head
