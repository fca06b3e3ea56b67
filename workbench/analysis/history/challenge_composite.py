"""Several patterns on one commit at related places are worse than each alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from workbench.analysis.history.hot_path_names import covers
from workbench.domain.history import Severity
from workbench.domain.patterns import HotPath

Row = Mapping[str, Any]
LEAST = Severity.MEDIUM_HIGH


def companions(
    findings: pl.DataFrame, hits: pl.DataFrame, hot_paths: Sequence[HotPath] = ()
) -> dict[int, Row]:
    """For each finding the worst hit of another pattern that stands at a related place.

    The rule: at least two different patterns with hits of MEDIUM-HIGH or over in one commit, which
    stand in one function or on one hot path. The finding's own worst hit is one of them. A pattern
    that only sees names go counts as any other; one that was folded into the finding does not,
    since it saw the same symbol and not a second thing.

    Parameters
    ----------
    findings : polars.DataFrame
        As declared in :data:`workbench.domain.findings.FINDINGS`.
    hits : polars.DataFrame
        All hits of the scan.
    hot_paths : sequence of HotPath
        Entry points that run often: two hits below the same one are related.

    Returns
    -------
    dict
        Row number of the finding -> the other hit.
    """
    loud = hits.filter(
        pl.col("severity").is_in([s.value for s in Severity if s.rank >= LEAST.rank])
    )
    by_commit = {
        str(key[0]): part.sort("path", "line", "pattern").to_dicts()
        for key, part in loud.join(findings.select("sha").unique(), on="sha", how="semi")
        .partition_by("sha", as_dict=True)
        .items()
    }
    found: dict[int, Row] = {}
    for at, row in enumerate(findings.iter_rows(named=True)):
        if Severity(row["severity"]).rank < LEAST.rank:
            continue
        place = _places(row["qualname"], hot_paths)
        for hit in by_commit.get(row["sha"], ()):
            other = hit["pattern"] not in (row["pattern"], *row["also"])
            if other and place & _places(hit["qualname"], hot_paths):
                found[at] = hit
                break
    return found


def _places(qualname: str, hot_paths: Sequence[HotPath]) -> set[str]:
    """The function a hit stands in, and the entry points above it."""
    return {qualname, *(f"hot:{hot.qualname}" for hot in hot_paths if covers(hot, qualname))}
