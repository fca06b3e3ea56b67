"""Which names of hits a hot path reaches over a few calls, as of the commit, and by which way."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from workbench.analysis.history.reachability import hot_functions
from workbench.domain.histories import History
from workbench.domain.patterns import HotPath
from workbench.domain.standing import HOT_PATHS
from workbench.domain.tables import Table, table

MOST_CALLS = 3
"""A longer chain is told with a gap, and each of its calls is a guess more."""
HOT_NAMES: Table = table(
    "hot_names",
    {
        "sha": (pl.String, "upstream commit"),
        "name": (pl.String, "dotted name of a function that the commit touches"),
        "multiplicity": (pl.String, "of the entry point"),
        "distance": (pl.UInt32, "calls from there"),
        "via": (pl.List(pl.String), "the functions on the way, entry point first, without modules"),
        "why": (pl.String, "why the entry point is hot"),
    },
)


def hot_names(hits: pl.DataFrame, history: History, hot_paths: Sequence[HotPath]) -> pl.DataFrame:
    """Tell which functions of hits run often.

    Parameters
    ----------
    hits : polars.DataFrame
        As declared in :data:`workbench.domain.frames.HITS`.
    history : History
        Its ``hot_functions``, when they were told from the same hot paths; told anew otherwise.
    hot_paths : sequence of HotPath
        Entry points.
    """
    listed = HOT_PATHS.frame(
        [{"qualname": h.qualname, "multiplicity": h.multiplicity, "why": h.why} for h in hot_paths]
    )
    commits = history.commits.join(hits.select("sha").unique(), on="sha", how="semi")
    if history["hot_paths"].equals(listed):
        rows = history["hot_functions"]
    else:
        rows = hot_functions(History(commits, history.__getitem__), hot_paths)
    shas = commits.select("commit_id", "sha")
    named = rows.filter(pl.col("distance") <= MOST_CALLS).join(shas, on="commit_id")
    return HOT_NAMES.check(
        named.with_columns(
            name=pl.concat_str("module", pl.lit("."), "qualname"),
            via=pl.col("via").str.split(" > "),
        )
        .join(hits.select("sha", name="qualname").unique(), on=["sha", "name"], how="semi")
        .sort("sha", "name", "distance", "change_id")
        .unique(["sha", "name"], keep="first", maintain_order=True)
        .select(list(HOT_NAMES.columns))
    )
