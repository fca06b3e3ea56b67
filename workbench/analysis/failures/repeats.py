"""What comes back: how often, where, since when, and how often somebody had to find out anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from workbench.text.counted import counted, counted_each

QUARTER_DAYS = 91


def repeats(
    failures: pl.DataFrame,
    assignments: pl.DataFrame,
    words: pl.DataFrame,
    *,
    until: datetime | None = None,
    days: int = QUARTER_DAYS,
) -> pl.DataFrame:
    """Rank the clusters that recur in a period.

    Parameters
    ----------
    failures : polars.DataFrame
        ``failure_id, at_utc, dag_id, exception, template``.
    assignments : polars.DataFrame
        ``failure_id, cluster_id``.
    words : polars.DataFrame
        What was said, one row a failure: ``failure_id, verdict, who, done, suggested_from``.
    until : datetime.datetime, optional
        End of the period, not included; the last failure unless given, and included then.
    days : int
        Its length; a quarter unless given.

    Returns
    -------
    polars.DataFrame
        ``cluster_id, times, first_utc, last_utc, dags, dag_names, error_class, template, decided``
        (failures that somebody looked at), ``anew`` (of those, without being told what had ended it
        before), ``people, fixes, per_week, says``; those that came once are left out.
    """
    dated = failures.drop_nulls("at_utc")
    last = dated["at_utc"].max()
    if not isinstance(last, datetime):
        return _ranked(_joined(dated, assignments, words).clear(), days)
    end = until or last + timedelta(microseconds=1)
    begin = end - timedelta(days=days)
    inside = dated.filter(pl.col("at_utc") >= begin, pl.col("at_utc") < end)
    return _ranked(_joined(inside, assignments, words), days)


def decision_times(failures: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Return how long each failure waited for the first word of a person.

    Parameters
    ----------
    failures : polars.DataFrame
        ``failure_id, at_utc``.
    words : polars.DataFrame
        ``failure_id, when_utc, verdict, who``, any number a failure.

    Returns
    -------
    polars.DataFrame
        ``failure_id, at_utc, decided_utc, seconds, verdict, who``. A word from before the failure
        (a clock that moved) has no ``seconds``.
    """
    first = words.sort("when_utc").unique("failure_id", keep="first", maintain_order=True)
    waited = (pl.col("when_utc") - pl.col("at_utc")).dt.total_microseconds() / 1e6
    return (
        failures.select("failure_id", "at_utc")
        .join(first, on="failure_id")
        .with_columns(seconds=pl.when(waited >= 0).then(waited))
        .select("failure_id", "at_utc", "seconds", "verdict", "who", decided_utc="when_utc")
        .sort("at_utc", "failure_id")
        .select("failure_id", "at_utc", "decided_utc", "seconds", "verdict", "who")
    )


def _joined(failures: pl.DataFrame, assignments: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    said = words.select("failure_id", "verdict", "who", "done", "suggested_from")
    return (
        failures.select("failure_id", "at_utc", "dag_id", "exception", "template")
        .join(assignments.select("failure_id", "cluster_id"), on="failure_id")
        .join(said, on="failure_id", how="left")
    )


def _ranked(rows: pl.DataFrame, days: int) -> pl.DataFrame:
    decided = pl.col("verdict").is_not_null()
    anew = decided & pl.col("suggested_from").is_null()
    recurring = (
        rows.sort("at_utc", "failure_id")
        .group_by("cluster_id")
        .agg(
            times=pl.len().cast(pl.Int64),
            first_utc=pl.col("at_utc").min(),
            last_utc=pl.col("at_utc").max(),
            dags=pl.col("dag_id").drop_nulls().n_unique().cast(pl.Int64),
            dag_names=pl.col("dag_id").drop_nulls().unique().sort(),
            error_class=pl.col("exception").drop_nulls().mode(maintain_order=True).first(),
            template=pl.col("template").mode(maintain_order=True).first(),
            decided=decided.sum().cast(pl.Int64),
            anew=anew.sum().cast(pl.Int64),
            people=pl.col("who").drop_nulls().n_unique().cast(pl.Int64),
            fixes=pl.col("done").drop_nulls().n_unique().cast(pl.Int64),
        )
        .filter(pl.col("times") > 1)
        .with_columns(per_week=pl.col("times") * 7 / days)
    )
    return recurring.with_columns(
        says=pl.format(
            "{} in {} in {}; diagnosed anew {} by {}",
            counted_each("times", "time"), pl.lit(counted(days, "day")),
            counted_each("dags", "DAG"), counted_each("anew", "time"),
            counted_each("people", "person", "people"),
        )
    ).sort("times", "last_utc", "cluster_id", descending=[True, True, False])  # fmt: skip
