"""Proves patterns on history as of a date: how often they hit, and how that agrees with labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time

import polars as pl

from workbench.analysis.history.detect import detect
from workbench.analysis.history.paths import is_core_commit_path
from workbench.analysis.history.triage import watched
from workbench.analysis.intervals import wilson
from workbench.domain.histories import History
from workbench.domain.patterns import HotPath, Label, PathRule, Pattern
from workbench.domain.tables import PolarsType

DAYS_PER_MONTH = 30.44
REAL = ("breaking", "under-rated", "over-rated", "missed")
"""Verdicts that say a commit hurt; under- and over-rated dispute the severity alone."""
FALSE = ("harmless",)
ANY_KIND = "all"
_LABELS: dict[str, PolarsType] = {
    "sha": pl.String,
    "pattern": pl.String,
    "real": pl.Boolean,
    "kind": pl.String,
    "fixed_utc": pl.Datetime("us", "UTC"),
}


def backtest(
    patterns: Pattern | Sequence[Pattern],
    history: History,
    labels: Iterable[Label] = (),
    *,
    as_of: datetime | None = None,
    hot_paths: Sequence[HotPath] = (),
    rules: Sequence[PathRule] = (),
) -> pl.DataFrame:
    """Run each pattern over the history that was known at a date and compare with labels.

    Parameters
    ----------
    patterns : Pattern or sequence of Pattern
        What to judge.
    history : History
        Where it hits.
    labels : iterable of Label
        Verdicts on commits. In ``extra``, ``kind`` names a group that recall is also stated for,
        ``fixed_sha`` or ``fixed_date`` says when it was repaired, and ``when`` when the verdict was
        given. A later verdict on the same commit and pattern replaces an earlier one.
    as_of : datetime, optional
        Commits from then on, and labels that nobody could have given by then (by ``when``, else by
        the date of the repair), do not count.
    hot_paths : sequence of HotPath
        Entry points that detectors may ask about.
    rules : sequence of PathRule
        Paths that cannot matter, as in triage.

    Returns
    -------
    polars.DataFrame
        One row per pattern, sorted: ``pattern, version, hits, commits_hit, core_commits,
        hits_per_month, alarm_rate, precision, precision_low, precision_high, recall, labelled,
        lead_days``. Precision, recall and lead leave out the commits that the pattern was made
        from. ``alarm_rate`` is the share of core commits that it hits. A share of nothing is null.
    """
    listed = (patterns,) if isinstance(patterns, Pattern) else tuple(patterns)
    known = history.between(until=as_of)
    verdicts = _verdicts(labels, history, as_of)
    core = _core_commits(known)
    seen = watched(known, rules)
    rows = [_row(p, known, detect(p, seen, hot_paths=hot_paths), core, verdicts) for p in listed]
    kinds = [ANY_KIND, *verdicts["kind"].drop_nulls().unique().sort()]
    schema = _schema(kinds)
    return pl.DataFrame(rows, schema=schema, orient="row").sort("pattern", "version")


def _schema(kinds: Iterable[str]) -> dict[str, PolarsType]:
    return {
        "pattern": pl.String,
        "version": pl.Int64,
        "hits": pl.Int64,
        "commits_hit": pl.Int64,
        "core_commits": pl.Int64,
        "hits_per_month": pl.Float64,
        "alarm_rate": pl.Float64,
        "precision": pl.Float64,
        "precision_low": pl.Float64,
        "precision_high": pl.Float64,
        "recall": pl.Struct(dict.fromkeys(kinds, pl.Float64)),
        "labelled": pl.Int64,
        "lead_days": pl.Float64,
    }


def _row(
    pattern: Pattern,
    known: History,
    hits: pl.DataFrame,
    core: pl.Series,
    verdicts: pl.DataFrame,
) -> dict[str, object]:
    hit = hits["sha"].unique()
    about = _about(verdicts, pattern, known)
    caught = about.filter(pl.col("sha").is_in(hit.implode()))
    right, judged = int(caught["real"].sum()), caught.height
    low, high = wilson(right, judged) if judged else (None, None)
    months = _months(known.commits["committed_utc"])
    return {
        "pattern": pattern.id,
        "version": pattern.version,
        "hits": hits.height,
        "commits_hit": len(hit),
        "core_commits": len(core),
        "hits_per_month": hits.height / months if months else None,
        "alarm_rate": int(hit.is_in(core.implode()).sum()) / len(core) if len(core) else None,
        "precision": right / judged if judged else None,
        "precision_low": low,
        "precision_high": high,
        "recall": _recall(about.filter("real"), hit, sorted(set(verdicts["kind"].drop_nulls()))),
        "labelled": judged,
        "lead_days": _lead_days(caught.filter("real"), known),
    }


def _verdicts(labels: Iterable[Label], history: History, as_of: datetime | None) -> pl.DataFrame:
    """Labels that could be known at the date, as a frame; ``unsure`` says nothing."""
    dates = dict(history.commits.select("sha", "committed_utc").iter_rows())
    rows = []
    for label in labels:
        fixed = _fixed(label, dates)
        given = _moment(label.extra.get("when")) or fixed
        unknown = as_of is not None and given is not None and given >= as_of
        if unknown or label.label not in (*REAL, *FALSE):
            continue
        kind = label.extra.get("kind")
        rows.append(
            {
                "sha": label.sha,
                "pattern": label.pattern,
                "real": label.label in REAL,
                "kind": kind if isinstance(kind, str) else None,
                "fixed_utc": fixed,
            }
        )
    return pl.DataFrame(rows, schema=_LABELS, orient="row")


def _fixed(label: Label, dates: dict[str, datetime]) -> datetime | None:
    said = _moment(label.extra.get("fixed_date"))
    return said or dates.get(str(label.extra.get("fixed_sha")))


def _moment(value: object) -> datetime | None:
    """A moment from a date, a datetime or their ISO text; a bare date is its beginning in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None


def _about(verdicts: pl.DataFrame, pattern: Pattern, known: History) -> pl.DataFrame:
    """sha, real, kind, fixed_utc of the verdicts on the pattern or on a commit as a whole."""
    here = verdicts.join(known.commits.select("sha", "subject"), on="sha", maintain_order="left")
    mine = pl.col("pattern").is_null() | (pl.col("pattern") == pattern.id)
    # The commits a pattern was written from prove nothing about it.
    return (
        here.filter(mine & ~_is_origin(pattern))
        # A verdict on the hit says more than one on the commit, a later one more than an earlier.
        .sort(pl.col("pattern").is_not_null(), maintain_order=True)
        .group_by("sha", maintain_order=True)
        .agg(pl.col("real", "fixed_utc").last(), pl.col("kind").drop_nulls().unique())
    )


def _is_origin(pattern: Pattern) -> pl.Expr:
    numbers = {n for origin in pattern.origins for n in re.findall(r"#(\d+)", origin.ref)}
    shas = {s for origin in pattern.origins for s in re.findall(r"\b[0-9a-f]{7,40}\b", origin.ref)}
    own = pl.lit(value=False)
    if numbers:
        own = own | pl.col("subject").str.contains(rf"\(#(?:{'|'.join(sorted(numbers))})\)")
    for sha in sorted(shas):
        own = own | pl.col("sha").str.starts_with(sha)
    return own


def _recall(real: pl.DataFrame, hit: pl.Series, kinds: Iterable[str]) -> dict[str, float | None]:
    found = real.with_columns(found=pl.col("sha").is_in(hit.implode()))
    shares = {ANY_KIND: _share(found["found"])}
    for kind in kinds:
        shares[kind] = _share(found.filter(pl.col("kind").list.contains(kind))["found"])
    return shares


def _share(found: pl.Series) -> float | None:
    return int(found.sum()) / len(found) if len(found) else None


def _lead_days(caught: pl.DataFrame, known: History) -> float | None:
    """Median days from the commit to its repair, over the commits that were hit."""
    dated = caught.join(known.commits.select("sha", "committed_utc"), on="sha")
    days = (dated["fixed_utc"] - dated["committed_utc"]).dt.total_seconds() / 86_400
    median = days.drop_nulls().median()
    return float(median) if isinstance(median, int | float) else None


def _core_commits(history: History) -> pl.Series:
    """Shas of the commits that touch core code, under its old or its new path."""
    core = is_core_commit_path(pl.col("path")) | is_core_commit_path(pl.col("old_path"))
    touched = history["file_changes"].filter(core.fill_null(value=False)).select("commit_id")
    return history.commits.join(touched, on="commit_id", how="semi")["sha"]


def _months(committed: pl.Series) -> float | None:
    """Length of a span of commits, its first and last day included."""
    first, last = committed.min(), committed.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return ((last - first).total_seconds() / 86_400 + 1) / DAYS_PER_MONTH
