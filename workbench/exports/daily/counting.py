"""Counts of a scan that add up: commits are skipped, targeted or full; the last two analysed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from workbench.domain.history import Severity, TriageClass

Row = Mapping[str, Any]
# Up to this many days have a line each; a longer span has one a month.
MOST_DAYS = 31
STILL_WORKS = "deprecated"


def counts(triage: pl.DataFrame, hits: pl.DataFrame, findings: Sequence[Row]) -> dict[str, int]:
    """Count commits by triage class, hits and findings.

    Returns
    -------
    dict
        ``commits`` = ``skipped`` + ``analysed``, ``analysed`` = ``targeted`` + ``full``,
        ``findings`` = ``breaking`` + ``deprecated``; ``verified`` are some of the breaking ones.
    """
    by_class = dict(triage["class"].value_counts().iter_rows())
    skipped, targeted, full = (by_class.get(c.value, 0) for c in TriageClass)
    breaking = [row for row in findings if is_breaking(row)]
    return {
        "commits": triage.height,
        "skipped": skipped,
        "targeted": targeted,
        "full": full,
        "analysed": targeted + full,
        "hits": hits.height,
        "findings": len(findings),
        "breaking": len(breaking),
        "deprecated": len(findings) - len(breaking),
        "verified": sum(row.get("verified") is True for row in breaking),
    }


def spans(
    commits: pl.DataFrame, triage: pl.DataFrame, hits: pl.DataFrame, findings: Sequence[Row]
) -> list[dict[str, object]]:
    """Count a period day by day, or month by month when it is long; the spans add up to it.

    Parameters
    ----------
    commits : polars.DataFrame
        ``sha, committed_utc``.
    triage, hits, findings
        As for :func:`counts`.
    """
    dates = dict(commits.select("sha", pl.col("committed_utc").dt.date()).iter_rows())
    days = sorted(set(dates.values()))
    monthly = bool(days) and (days[-1] - days[0]).days >= MOST_DAYS
    named = {sha: _span(day, monthly=monthly) for sha, day in dates.items()}
    spanned = triage.with_columns(span=_spans_of(triage, named))
    hit = hits.with_columns(span=_spans_of(hits, named))
    return [
        {
            "span": span,
            **counts(
                spanned.filter(pl.col("span") == span),
                hit.filter(pl.col("span") == span),
                [row for row in findings if named.get(row["sha"]) == span],
            ),
        }
        for span in sorted(set(named.values()))
    ]


def skip_rules(triage: pl.DataFrame) -> list[dict[str, object]]:
    """How many commits each rule skipped, the busiest rule first."""
    skipped = triage.filter(pl.col("class") == TriageClass.SKIP.value)
    counted = skipped.group_by("rule").agg(commits=pl.len())
    return counted.sort("commits", "rule", descending=[True, False]).to_dicts()


def worst_first(findings: Iterable[Row]) -> list[dict[str, Any]]:
    """Findings in reading order: what breaks before what still works, the worst first."""

    def rank(row: Row) -> tuple[object, ...]:
        severity = -Severity(row["severity"]).rank
        place = (row["sha"], row["pattern"], row["downstream"] or "")
        return (not is_breaking(row), severity, row.get("verified") is not True, *place)

    return [dict(row) for row in sorted(findings, key=rank)]


def is_breaking(finding: Row) -> bool:
    """Whether something stops working, or works worse, for us or for everyone."""
    return str(finding["kind"]) != STILL_WORKS


def _span(day: date, *, monthly: bool) -> str:
    return f"{day:%Y-%m}" if monthly else day.isoformat()


def _spans_of(frame: pl.DataFrame, named: Mapping[str, str]) -> pl.Series:
    return frame["sha"].replace_strict(named, default=None, return_dtype=pl.String)
