"""Several records of one failed try made one row: told apart by names and time, then joined."""

from __future__ import annotations

import polars as pl

from workbench.domain.failures import FAILURES

APART_SECONDS = 3600.0
"""Records of one try lie closer together; a run that was made anew under its old id does not."""
FIRST_SOURCES = ("log", "given", "scheduler", "listener", "rest", "database")
"""Whose words are taken first: what the task wrote, then what its process knew, then the rest."""
KINDS = (
    "heartbeat-lost",
    "skipped-by-timeout",
    "stuck",
    "set-from-outside",
    "killed",
    "import-error",
    "task",
)
"""Of several kinds the one that says most."""
WORDS = (
    *("log_format", "at_utc", "exception", "message", "template", "text", "raw"),
    *("origin_path", "origin_line", "source", "loaded_from", "extra"),
)
"""Columns that belong together: they come from one record."""
IDENTITY = ("case_id", "failure_id", "source", "loaded_from", "origin_path")
"""The file that told of a try."""


def named(records: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Give each record of a fully named try the id of the failure it tells of.

    Parameters
    ----------
    records : polars.DataFrame
        New records, as FAILURES declares; those without ``try_key`` keep their id.
    known : polars.DataFrame
        Records that are kept already, with their ids.

    Returns
    -------
    polars.DataFrame
        The new records, in their order. Records of one key that lie further apart than
        ``APART_SECONDS`` are different tries; the first known keeps the plain id.
    """
    if records["try_key"].null_count() == records.height:
        return records
    columns = ["case_id", "try_key", "try_number", "at_utc", "failure_id"]
    new = records.with_row_index("place").select(*columns, "place")
    old = known.select(columns).with_columns(pl.lit(None, pl.UInt32).alias("place"))
    every = pl.concat([old, new.with_columns(pl.lit(None, pl.String).alias("failure_id"))])
    key = ["case_id", "try_key"]
    every = every.filter(pl.col("try_key").is_not_null()).sort(
        *key, "at_utc", "place", nulls_last=False, maintain_order=True
    )
    gap = pl.col("at_utc").diff().over(key).dt.total_seconds() > APART_SECONDS
    # a broken file is the same broken file a month later
    apart = (gap & pl.col("try_number").is_not_null()).fill_null(value=False)
    every = every.with_columns(apart.cum_sum().over(key).alias("part"))
    group = [*key, "part"]
    given = pl.col("failure_id").drop_nulls().first().over(group)
    plain_is_free = pl.col("failure_id").null_count().over(key) == pl.len().over(key)
    later = (pl.col("part") > 0) | ~plain_is_free
    moment = pl.col("at_utc").drop_nulls().first().over(group).dt.epoch("ms").cast(pl.String)
    made = pl.when(later).then(pl.format("{}-{}", "try_key", moment)).otherwise("try_key")
    ids = every.with_columns(pl.coalesce(given, made, "try_key").alias("failure_id")).filter(
        pl.col("place").is_not_null()
    )
    found = records.with_row_index("place").join(
        ids.select("place", pl.col("failure_id").alias("found")),
        on="place",
        how="left",
        maintain_order="left",
    )
    return found.with_columns(pl.coalesce("found", "failure_id").alias("failure_id")).select(
        list(FAILURES.columns)
    )


def joined(records: pl.DataFrame) -> pl.DataFrame:
    """Make one row of all records of a failure, whatever their order.

    Words come from the record that says most; every other column from the first record, in that
    order, which knows it.
    """
    rank = pl.col("source").replace_strict(
        {name: at for at, name in enumerate(FIRST_SOURCES)}, default=9, return_dtype=pl.Int8
    )
    kind = pl.col("kind").replace_strict(
        {name: at for at, name in enumerate(KINDS)}, default=9, return_dtype=pl.Int8
    )
    key = ["case_id", "failure_id"]
    ordered = records.sort(
        *key,
        pl.col("exception").is_null(),
        pl.col("message").is_null(),
        rank,
        -pl.col("text").str.len_bytes().fill_null(0).cast(pl.Int64),
        "loaded_from",
        "origin_path",
        "origin_line",
        "at_utc",
        nulls_last=True,
    )
    aggregates = {
        "kind": pl.col("kind").sort_by(kind).first(),
        "sightings": pl.len().cast(pl.UInt32),
        "sources": pl.col("source").unique().sort().str.join(","),
        "airflow_version": pl.col("airflow_version")
        .sort_by(pl.col("airflow_version").str.len_bytes(), descending=True, nulls_last=True)
        .first(),
        "at_utc": pl.coalesce(pl.col("at_utc").first(), pl.col("at_utc").drop_nulls().first()),
    }
    rest = [c for c in FAILURES.columns if c not in key and c not in aggregates]
    parts = [
        pl.col(c).first() if c in WORDS else pl.col(c).drop_nulls().first().alias(c) for c in rest
    ]
    made = ordered.group_by(key, maintain_order=True).agg(
        *parts, *(e.alias(c) for c, e in aggregates.items())
    )
    return FAILURES.check(made.select(list(FAILURES.columns)))
