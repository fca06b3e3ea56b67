"""Pairs rows of two sides one to one: by equal keys in order, or by the best score."""

from __future__ import annotations

import polars as pl

PAIRS = {"before": pl.UInt32, "after": pl.UInt32}
ODD = 0x9E3779B97F4A7C15  # spreads small counts over 64 bits


def paired_by(before: pl.DataFrame, after: pl.DataFrame, key: str) -> pl.DataFrame:
    """Pair the n-th row of each key before with the n-th after.

    Parameters
    ----------
    before, after : polars.DataFrame
        ``row`` and the key's column of 64-bit digests, in order.
    key : str
        Name of the column.
    """
    left = _counted(before.select(pl.col("row").alias("before"), key), key)
    right = _counted(after.select(pl.col("row").alias("after"), key), key)
    return left.join(right, on=key).select("before", "after")


def _counted(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Rows with their rank among those of the same key mixed into the key."""
    at = pl.int_range(pl.len(), dtype=pl.UInt64)
    begins = pl.col(key) != pl.col(key).shift()
    nth = at - pl.when(begins).then(at).forward_fill().fill_null(0)
    # Sorting is nine times faster than counting over groups.
    return rows.sort(key, maintain_order=True).with_columns(pl.col(key) + nth * ODD)


def paired_in_turn(before: pl.DataFrame, after: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Pair by the first key, what is left by the second, and so on; ``key`` says which it was."""
    found = []
    for key in keys:
        pairs = paired_by(before, after, key)
        before = before.join(pairs, left_on="row", right_on="before", how="anti")
        after = after.join(pairs, left_on="row", right_on="after", how="anti")
        found.append(pairs.with_columns(key=pl.lit(key)))
    return pl.concat(found)


def best_pairs(candidates: pl.DataFrame) -> pl.DataFrame:
    """Pair one to one, the highest score first; ties go to the rows that stand closest.

    Parameters
    ----------
    candidates : polars.DataFrame
        ``before``, ``after`` (rows) and ``score``.
    """
    apart = (pl.col("before").cast(pl.Int64) - pl.col("after").cast(pl.Int64)).abs()
    order = [-pl.col("score"), apart, pl.col("before"), pl.col("after")]
    left = candidates.sort(order).with_row_index("rank")
    found = [pl.DataFrame(schema=PAIRS)]
    # Each round takes every pair that is the best for both of its rows; the first always is.
    while not left.is_empty():
        rank = pl.col("rank")
        mutual = (rank == rank.min().over("before")) & (rank == rank.min().over("after"))
        pairs = left.filter(mutual).select("before", "after")
        found.append(pairs)
        left = left.join(pairs, on="before", how="anti").join(pairs, on="after", how="anti")
    return pl.concat(found)


def without(rows: pl.DataFrame, pairs: pl.DataFrame, side: str) -> pl.DataFrame:
    """Rows that are in no pair."""
    return rows.join(pairs, left_on="row", right_on=side, how="anti")
