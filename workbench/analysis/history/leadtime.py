"""Lead time: when a commit landed, when a daily report would have flagged it, when it was fixed."""

from __future__ import annotations

import polars as pl

from workbench.domain.frames import UTC
from workbench.domain.tables import Table, table

LEADS: Table = table(
    "leads",
    {
        "sha": (pl.String, "commit that hurt and was hit"),
        "landed_utc": (UTC, "when it landed upstream"),
        "flagged_utc": (UTC, "end of that day: when the day's report would have shown it"),
        "fixed_utc": (UTC, "when upstream repaired it"),
        "lead_days": (pl.Float64, "days from landing to the repair"),
        "gained_days": (pl.Float64, "days from the flag to the repair; negative: it was earlier"),
    },
    key=("sha",),
)


def lead_times(caught: pl.DataFrame, commits: pl.DataFrame) -> pl.DataFrame:
    """Return the dates of commits that were hit and whose repair is known, oldest first.

    Parameters
    ----------
    caught : polars.DataFrame
        ``sha, fixed_utc`` of commits that hurt and were hit; without a repair they are left out.
    commits : polars.DataFrame
        ``sha, committed_utc`` of the history.
    """
    flagged = pl.col("landed_utc").dt.truncate("1d").dt.offset_by("1d")
    dated = (
        caught.drop_nulls("fixed_utc")
        .join(commits.select("sha", landed_utc="committed_utc"), on="sha")
        .with_columns(flagged_utc=flagged)
    )
    return LEADS.check(
        dated.select(
            "sha",
            "landed_utc",
            "flagged_utc",
            "fixed_utc",
            lead_days=_days("landed_utc", "fixed_utc"),
            gained_days=_days("flagged_utc", "fixed_utc"),
        ).sort("landed_utc", "sha")
    )


def median_days(leads: pl.DataFrame) -> float | None:
    """Return the median of ``lead_days``; null without any."""
    median = leads["lead_days"].median()
    return float(median) if isinstance(median, int | float) else None


def _days(begin: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(begin)).dt.total_seconds() / 86_400
