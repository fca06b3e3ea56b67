"""What each query cost between two snapshots of a database's statistics."""

from __future__ import annotations

import polars as pl

from workbench.domain.frames import QUERY_STATS
from workbench.domain.tables import table

QUERY_DELTAS = table(
    "query_deltas",
    {
        "queryid": (pl.String, "as pg_stat_statements gives it"),
        "query": (pl.String, "normalised query text of the later snapshot, else the earlier one's"),
        "status": (
            pl.String,
            "same, new, gone, or reset (counted since a reset, not since before)",
        ),
        "calls": (pl.Int64, "executions in the window; null when gone"),
        "total_ms": (pl.Float64, "milliseconds in the window; null when gone"),
        "mean_ms": (pl.Float64, "milliseconds an execution in the window; null without executions"),
        "mean_before_ms": (pl.Float64, "milliseconds an execution up to the first snapshot"),
    },
    key=("queryid",),
)


def query_deltas(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Subtract two snapshots, because the counters of ``pg_stat_statements`` only grow.

    Parameters
    ----------
    before, after : polars.DataFrame
        One snapshot each, as declared in :data:`workbench.domain.frames.QUERY_STATS`.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`QUERY_DELTAS`, costliest first. A counter that fell was reset in
        between: what it shows then is the cost since the reset, and ``status`` says so. A query
        that only the first snapshot has is ``gone``: it was evicted or reset, its cost is unknown.
    """
    columns = ["queryid", "query", "calls", "total_exec_ms", "mean_exec_ms"]
    first, second = (QUERY_STATS.check(each).select(columns) for each in (before, after))
    both = first.join(second, on="queryid", how="full", suffix="_after", coalesce=True)
    is_new, is_gone = pl.col("calls").is_null(), pl.col("calls_after").is_null()
    is_reset = (pl.col("calls_after") < pl.col("calls")) | (
        pl.col("total_exec_ms_after") < pl.col("total_exec_ms")
    )
    counts_from_zero = is_new | is_reset
    since_zero = [pl.col("calls_after"), pl.col("total_exec_ms_after")]
    since_before = [
        now - pl.col(now.meta.output_name().removesuffix("_after")) for now in since_zero
    ]
    calls, total = (
        pl.when(counts_from_zero).then(zero).otherwise(delta)
        for zero, delta in zip(since_zero, since_before, strict=True)
    )
    status = (
        pl.when(is_gone)
        .then(pl.lit("gone"))
        .when(is_new)
        .then(pl.lit("new"))
        .when(is_reset)
        .then(pl.lit("reset"))
        .otherwise(pl.lit("same"))
    )
    made = both.select(
        "queryid",
        query=pl.coalesce("query_after", "query"),
        status=status,
        calls=calls,
        total_ms=total,
        mean_before_ms="mean_exec_ms",
    ).with_columns(mean_ms=pl.when(pl.col("calls") > 0).then(pl.col("total_ms") / pl.col("calls")))
    ordered = made.sort("total_ms", "queryid", descending=[True, False], nulls_last=True)
    return QUERY_DELTAS.check(ordered)
