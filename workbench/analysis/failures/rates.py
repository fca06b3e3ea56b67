"""How often tries of a DAG fail: which failures are tries that somebody counted, out of how many.

A failure that was read from a log says nothing of the tries that went well. Where a metadata
database or the REST API told of every try, failures can be set against them.
"""

from __future__ import annotations

import polars as pl

NAMES = ("site", "dag_id", "run_id", "task_id", "map_index", "try_number")
"""What names a try; the site is null where there is one installation."""
ENDED = ("success", "failed", "up_for_retry", "shutdown", "restarting")
"""States of a try that ran and is over: one that was skipped, or waits, could not fail yet."""


def with_tries(failures: pl.DataFrame, tries: pl.DataFrame) -> pl.DataFrame:
    """Say of each failure whether it is a known try, and how many tries of its DAG are known.

    Parameters
    ----------
    failures : polars.DataFrame
        ``site, dag_id, run_id, task_id, map_index, try_number`` and anything else.
    tries : polars.DataFrame
        The same names and ``state``, as TASK_TRIES declares them; a try that was told of twice
        counts once.

    Returns
    -------
    polars.DataFrame
        The failures with ``is_known_try`` (of two failures that are one try, the first) and
        ``dag_tries``: the known tries of the DAG that ended, or failed without an end; null where
        nobody told of one.
    """
    named = ("dag_id", "run_id", "task_id", "try_number")
    known = tries.drop_nulls(named).select(*_names(), "state")
    named_failures = failures.select(_names()).with_row_index("row")
    failed = named_failures.drop_nulls(named).unique(NAMES, keep="first", maintain_order=True)
    hit = failed.join(known, on=NAMES, how="semi", nulls_equal=True)
    counted = known.join(
        hit.with_columns(has_failed=pl.lit(True)).drop("row"),
        on=NAMES,
        how="left",
        nulls_equal=True,
    ).filter(pl.col("state").is_in(ENDED) | pl.col("has_failed"))
    of_dag = counted.unique(NAMES).group_by("dag_id").agg(dag_tries=pl.len().cast(pl.UInt32))
    return failures.with_columns(
        is_known_try=named_failures["row"].is_in(hit["row"].implode())
    ).join(of_dag, on="dag_id", how="left", maintain_order="left")


def _names() -> list[pl.Expr]:
    """The names of a try as all sources can be compared by; without a map index it is unmapped."""
    return [
        *(pl.col(name).cast(pl.String) for name in ("site", "dag_id", "run_id", "task_id")),
        pl.col("map_index").cast(pl.Int64).fill_null(-1),
        pl.col("try_number").cast(pl.Int64),
    ]
