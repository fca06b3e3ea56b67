"""Hits side by side: what two patterns share, what a new version of a detector gains and loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import polars as pl

from workbench.analysis.history.detect import detect
from workbench.analysis.history.triage import watched
from workbench.domain.histories import History
from workbench.domain.patterns import HotPath, PathRule, Pattern
from workbench.domain.tables import Table, table

OVERLAP: Table = table(
    "overlap",
    {
        "pattern": (pl.String, "the one that comes first"),
        "other": (pl.String, "the other one"),
        "commits": (pl.UInt32, "commits that both hit"),
        "share": (pl.Float64, "their share of the commits of the one that hits fewer"),
    },
    key=("pattern", "other"),
)
COMPARED: Table = table(
    "compared",
    {
        "change": (pl.String, "gained: only this version hits; lost: only the one before did"),
        "sha": (pl.String, "commit"),
        "path": (pl.String, "file"),
        "line": (pl.UInt32, "line on the side of the hit"),
        "qualname": (pl.String, "what the hit is in"),
        "severity": (pl.String, "of the hit"),
    },
)
# A hit that only moved to another line of the same thing is the same hit.
_SAME = ("sha", "path", "qualname")


def overlap(hit: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of patterns that hit the same commits, those that share most first.

    Parameters
    ----------
    hit : polars.DataFrame
        ``sha, pattern`` of hits.
    """
    commits = {
        pattern: set(part["sha"])
        for (pattern,), part in hit.sort("pattern").group_by("pattern", maintain_order=True)
    }
    rows: list[dict[str, object]] = []
    for one, other in combinations(commits, 2):
        both = len(commits[one] & commits[other])
        if both:
            fewer = min(len(commits[one]), len(commits[other]))
            rows.append({"pattern": one, "other": other, "commits": both, "share": both / fewer})
    return OVERLAP.frame(rows).sort("commits", "pattern", "other", descending=[True, False, False])


def compare(
    pattern: Pattern,
    previous: Pattern,
    history: History,
    *,
    hot_paths: Sequence[HotPath] = (),
    rules: Sequence[PathRule] = (),
) -> pl.DataFrame:
    """Return the hits that a pattern gains and loses against a version before, oldest first.

    Parameters
    ----------
    pattern, previous : Pattern
        The version that is judged, and the one before it.
    history : History
        The span, cut to what was known.
    hot_paths, rules
        As for :func:`workbench.analysis.history.backtest.backtest`.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`COMPARED`.
    """
    seen = watched(history, rules)
    # Fields of a message that only one version gives must not stop the other.
    bare = (replace(p, message="{path}") for p in (pattern, previous))
    now, before = (detect(p, seen, hot_paths=hot_paths) for p in bare)
    gained = now.join(before, on=_SAME, how="anti", nulls_equal=True)
    lost = before.join(now, on=_SAME, how="anti", nulls_equal=True)
    both = pl.concat(
        part.with_columns(change=pl.lit(word))
        for part, word in ((gained, "gained"), (lost, "lost"))
    )
    dates = history.commits.select("sha", "committed_utc").unique("sha")
    ordered = both.join(dates, on="sha").sort("change", "committed_utc", "sha", "path", "line")
    return COMPARED.check(ordered.select(list(COMPARED.columns)))
