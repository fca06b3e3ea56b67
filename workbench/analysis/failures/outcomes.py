"""What would be suggested for a failure, and how often that is known to have held."""

from __future__ import annotations

import polars as pl

from workbench.analysis.failures.memory import REMEMBERS, Memory


def evidence(found: pl.DataFrame, memory: Memory, *, least: pl.DataFrame) -> pl.DataFrame:
    """Return what would be suggested for each failure, and how often that held.

    Only what is at least as similar as the first gate asks counts.

    Parameters
    ----------
    found : polars.DataFrame
        What :func:`near` answers.
    memory : Memory
        What is remembered.
    least : polars.DataFrame
        ``failure_id, threshold``: where the first gate opens.

    Returns
    -------
    polars.DataFrame
        ``failure_id, best`` (highest similarity), ``threshold, suggested, suggested_from, held``
        (how often it held), ``known`` (of how often that is known), ``others`` (other fixes that
        people used for such failures).
    """
    told = memory.told.with_columns(key=fix_key("done")).drop_nulls("key")
    said = _suggested(found, told)
    close = (
        found.select("failure_id", "digest_id", "similarity")
        .join(least, on="failure_id")
        .filter(pl.col("similarity") >= pl.col("threshold"))
        .select("failure_id", "digest_id")
    )
    same = pl.col("key") == pl.col("suggested_key")
    counted = (
        _counts(close, told)
        .join(said, on="failure_id")
        .group_by("failure_id")
        .agg(
            held=pl.col("held").filter(same).sum(),
            known=pl.col("known").filter(same).sum(),
            others=pl.col("key").filter(~same).n_unique(),
        )
    )
    best = found.group_by("failure_id", maintain_order=True).agg(best=pl.col("similarity").max())
    return (
        least.join(best, on="failure_id", how="left", maintain_order="left")
        .join(said.drop("suggested_key"), on="failure_id", how="left", maintain_order="left")
        .join(counted, on="failure_id", how="left", maintain_order="left")
        .with_columns(pl.col("held", "known", "others").fill_null(0).cast(pl.Int64))
        .select(
            "failure_id", "best", "threshold", "suggested", "suggested_from", "held", "known",
            "others",
        )
    )  # fmt: skip


def _suggested(found: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """What was done about the nearest failure that somebody ended, the best kept one first."""
    kept = (
        told.filter(pl.col("verdict").is_in(REMEMBERS))
        .with_columns(well=pl.col("held").fill_null(value=False))
        .sort(
            ["digest_id", "well", "when_utc", "failure_id"], descending=[False, True, True, False]
        )
        # two, because the first may be the failure itself
        .group_by("digest_id", maintain_order=True)
        .head(2)
        .rename({"failure_id": "neighbour_id"})
    )
    return (
        found.join(kept, on="digest_id")
        .filter(pl.col("neighbour_id") != pl.col("failure_id"))
        .sort(
            ["failure_id", "similarity", "well", "when_utc", "neighbour_id"],
            descending=[False, True, True, True, False],
        )
        .unique("failure_id", keep="first", maintain_order=True)
        .select("failure_id", suggested="done", suggested_from="neighbour_id", suggested_key="key")
    )


def _counts(close: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """How often each fix was used, and held, for digests like a failure's; its own word left out.

    Counted by digest first: a fault that came ten thousand times is one row.
    """
    words = pl.len().cast(pl.Int64).alias("words")
    held = pl.col("held").fill_null(value=False).cast(pl.Int64).sum()
    known = pl.col("held").is_not_null().cast(pl.Int64).sum()
    by_digest = told.group_by("digest_id", "key").agg(words, held=held, known=known)
    own = close.join(told, on=["failure_id", "digest_id"]).select(
        "failure_id",
        "key",
        words=pl.lit(-1, pl.Int64),
        held=-pl.col("held").fill_null(value=False).cast(pl.Int64),
        known=-pl.col("held").is_not_null().cast(pl.Int64),
    )
    every = close.join(by_digest, on="digest_id").select(
        "failure_id", "key", "words", "held", "known"
    )
    return (
        pl.concat([every, own])
        .group_by("failure_id", "key")
        .agg(pl.col("words", "held", "known").sum())
        .filter(pl.col("words") > 0)
    )


def fix_key(column: str) -> pl.Expr:
    """Return what makes two fixes the same: their words, whatever the case and the spaces."""
    said = pl.col(column).str.to_lowercase().str.replace_all(r"[\s.;,]+", " ").str.strip_chars()
    return pl.when(said == "").then(None).otherwise(said)
