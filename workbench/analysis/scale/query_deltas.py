"""What each query cost between two snapshots of a database's statistics."""

from __future__ import annotations

import polars as pl

from workbench.domain.frames import QUERY_STATS
from workbench.domain.tables import table

GUARDS = ("stats_since", "stats_reset", "dealloc")
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
        "sure": (
            pl.Boolean,
            "whether no reset and no eviction in the window can hide in the count",
        ),
    },
    key=("queryid",),
)


def query_deltas(
    before: pl.DataFrame, after: pl.DataFrame, *, query: str | None = None
) -> pl.DataFrame:
    """Subtract two snapshots, because the counters of ``pg_stat_statements`` only grow.

    Parameters
    ----------
    before, after : polars.DataFrame
        One snapshot each, as declared in :data:`workbench.domain.frames.QUERY_STATS`. What a
        snapshot may say beyond the counters is looked at in ``extra``: ``stats_since`` of a query
        (PostgreSQL 17), and ``stats_reset`` and ``dealloc`` of ``pg_stat_statements_info``.
    query : str, optional
        Only queries whose text holds this, in upper or lower case.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`QUERY_DELTAS`, costliest first. A counter that fell, or whose
        beginning moved, was reset in between: what it shows then is the cost since the reset, and
        ``status`` says so. A query that only the first snapshot has is ``gone``: it was evicted or
        reset, its cost is unknown. Where entries were evicted (``dealloc`` grew) and a query does
        not say since when it counts, its row is not ``sure``.
    """
    columns = ["queryid", "query", "calls", "total_exec_ms", "mean_exec_ms", *GUARDS]
    guards = [pl.col("extra").str.json_path_match(f"$.{name}").alias(name) for name in GUARDS]
    first, second = (
        QUERY_STATS.check(each).with_columns(guards).select(columns) for each in (before, after)
    )
    both = first.join(second, on="queryid", how="full", suffix="_after", coalesce=True)
    is_new, is_gone = pl.col("calls").is_null(), pl.col("calls_after").is_null()
    moved = [_differs(name) for name in ("stats_since", "stats_reset")]
    is_reset = (pl.col("calls_after") < pl.col("calls")) | (
        pl.col("total_exec_ms_after") < pl.col("total_exec_ms")
    )
    counts_from_zero = is_new | is_reset | pl.any_horizontal(moved)
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
        .when(counts_from_zero)
        .then(pl.lit("reset"))
        .otherwise(pl.lit("same"))
    )
    # an evicted entry that comes back counts from zero, and may have passed its old count again
    known = pl.col("stats_since").is_not_null() & pl.col("stats_since_after").is_not_null()
    made = both.select(
        "queryid",
        query=pl.coalesce("query_after", "query"),
        status=status,
        calls=calls,
        total_ms=total,
        mean_before_ms="mean_exec_ms",
        sure=(status == "same") & (known | pl.lit(not _evicted(first, second))),
    ).with_columns(mean_ms=pl.when(pl.col("calls") > 0).then(pl.col("total_ms") / pl.col("calls")))
    if query is not None:
        made = made.filter(
            pl.col("query").str.to_lowercase().str.contains(query.lower(), literal=True)
        )
    ordered = made.sort("total_ms", "queryid", descending=[True, False], nulls_last=True)
    return QUERY_DELTAS.check(ordered.select(list(QUERY_DELTAS.columns)))


def _differs(name: str) -> pl.Expr:
    """Whether both snapshots say something, and not the same."""
    return (pl.col(name) != pl.col(f"{name}_after")).fill_null(value=False)


def _evicted(first: pl.DataFrame, second: pl.DataFrame) -> bool:
    """Whether the server threw entries out in between, as far as the snapshots tell."""
    counts = [
        each.select(pl.col("dealloc").cast(pl.Int64, strict=False).max()).item()
        for each in (first, second)
    ]
    return None not in counts and counts[1] > counts[0]
