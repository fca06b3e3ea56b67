"""Proves patterns on history as of a date: how often they hit, and how that agrees with labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from workbench.analysis.history.backtest_labels import about, verdicts
from workbench.analysis.history.backtest_pairs import overlap
from workbench.analysis.history.detect import detect
from workbench.analysis.history.leadtime import lead_times, median_days
from workbench.analysis.history.paths import is_core_commit_path
from workbench.analysis.history.triage import watched
from workbench.analysis.intervals import wilson
from workbench.domain.histories import History
from workbench.domain.patterns import HotPath, Label, PathRule, Pattern
from workbench.domain.tables import PolarsType

DAYS_PER_MONTH = 30.44
ANY_KIND = "all"
TOGETHER = "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMinutes:
    """What reading costs: assumptions of whoever judges, not measurements.

    ``commit`` is the time to skim one core commit without any tool, ``hit`` the time to judge one
    commit that was flagged.
    """

    commit: float = 2.0
    hit: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Figures of each pattern, of all that were known at the date together, and what they rest on.

    ``patterns`` has one row a pattern; ``together`` one row, for the commits that any pattern
    known at the date hits (no row when none was known); ``overlap`` the pairs that share commits;
    ``leads`` the dates of what was caught and repaired; ``labels`` how many labels count.
    """

    patterns: pl.DataFrame
    together: pl.DataFrame
    overlap: pl.DataFrame
    leads: pl.DataFrame
    labels: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What every row is counted on."""

    known: History
    core: pl.Series
    months: float | None
    labels: pl.DataFrame
    kinds: tuple[str, ...]
    as_of: datetime | None
    minutes: ReviewMinutes
    findings: pl.DataFrame | None


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

    The same as :func:`judge`, of which it answers the rows of the patterns.
    """
    listed = (patterns,) if isinstance(patterns, Pattern) else tuple(patterns)
    return judge(listed, history, labels, as_of=as_of, hot_paths=hot_paths, rules=rules).patterns


def judge(
    patterns: Sequence[Pattern],
    history: History,
    labels: Iterable[Label] = (),
    *,
    as_of: datetime | None = None,
    hot_paths: Sequence[HotPath] = (),
    rules: Sequence[PathRule] = (),
    findings: pl.DataFrame | None = None,
    minutes: ReviewMinutes | None = None,
) -> Backtest:
    """Judge patterns on the history that was known at a date, each alone and all together.

    Parameters
    ----------
    patterns : sequence of Pattern
        What to judge. One that was created after the date has a row, judged in hindsight
        (``known_then`` is false), and no part in the figures of all together.
    history : History
        Where they hit.
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
    findings : polars.DataFrame, optional
        ``sha, pattern`` of what a scan of the same span found.
    minutes : ReviewMinutes, optional
        What reading costs.

    Returns
    -------
    Backtest
        Precision, recall and lead leave out the commits that a pattern was made from.
        ``alarm_rate`` is the share of core commits that are hit, ``lift`` recall over it. A share
        of nothing is null.
    """
    known = history.between(until=as_of)
    said = verdicts(labels, history, as_of)
    ground = _Ground(
        known=known,
        core=_core_commits(known),
        months=_months(known.commits["committed_utc"]),
        labels=said.rows,
        kinds=(ANY_KIND, *said.rows["kind"].drop_nulls().unique().sort()),
        as_of=as_of,
        minutes=minutes or ReviewMinutes(),
        findings=findings,
    )
    seen = watched(known, rules)
    hits = {p: detect(p, seen, hot_paths=hot_paths).select("sha", "pattern") for p in patterns}
    then = [p for p in patterns if _known_then(p, as_of)]
    rows = [_row([p], hits[p], ground) for p in patterns]
    union = [_row(then, pl.concat(hits[p] for p in then), ground)] if then else []
    schema = _schema(ground.kinds)
    together = pl.DataFrame([row for row, _ in union], schema=schema, orient="row")
    leads = union[0][1] if union else lead_times(_no_repairs(), known.commits)
    every = [h for h in hits.values() if h.height]
    return Backtest(
        patterns=pl.DataFrame([row for row, _ in rows], schema=schema, orient="row").sort(
            "pattern", "version"
        ),
        together=together,
        overlap=overlap(pl.concat(every) if every else _no_hits()),
        leads=leads,
        labels=said.counts,
    )


def _schema(kinds: Sequence[str]) -> dict[str, PolarsType]:
    by_kind = pl.Struct(dict.fromkeys(kinds, pl.Float64))
    return {
        "pattern": pl.String,
        "version": pl.Int64,
        "known_then": pl.Boolean,
        "hits": pl.Int64,
        "commits_hit": pl.Int64,
        "core_commits": pl.Int64,
        "hits_per_month": pl.Float64,
        "findings": pl.Int64,
        "findings_per_month": pl.Float64,
        "alarm_rate": pl.Float64,
        "precision": pl.Float64,
        "precision_low": pl.Float64,
        "precision_high": pl.Float64,
        "recall": by_kind,
        "lift": by_kind,
        "labelled": pl.Int64,
        "under_rated": pl.Int64,
        "over_rated": pl.Int64,
        "lead_days": pl.Float64,
        "review_minutes_per_month": pl.Float64,
        "review_minutes_saved_per_month": pl.Float64,
    }


def _row(
    patterns: Sequence[Pattern], hits: pl.DataFrame, ground: _Ground
) -> tuple[dict[str, object], pl.DataFrame]:
    """The figures of patterns that are judged as one, and the dates of what they caught."""
    alone = patterns[0] if len(patterns) == 1 else None
    hit = hits["sha"].unique()
    told = about(ground.labels, patterns, ground.known, hit=hits)
    caught = told.filter("caught")
    right, judged = int(caught["real"].sum()), caught.height
    low, high = wilson(right, judged) if judged else (None, None)
    leads = lead_times(caught.filter("real").select("sha", "fixed_utc"), ground.known.commits)
    core_hit = int(hit.is_in(ground.core.implode()).sum())
    rate = core_hit / len(ground.core) if len(ground.core) else None
    recall = _recall(told.filter("real"), ground.kinds)
    read = len(hit) * ground.minutes.hit
    skimmed = len(ground.core) * ground.minutes.commit
    found = _findings(ground, patterns)
    row: dict[str, object] = {
        "pattern": alone.id if alone else TOGETHER,
        "version": alone.version if alone else None,
        "known_then": all(_known_then(p, ground.as_of) for p in patterns),
        "hits": hits.height,
        "commits_hit": len(hit),
        "core_commits": len(ground.core),
        "hits_per_month": _monthly(hits.height, ground),
        "findings": found,
        "findings_per_month": _monthly(found, ground),
        "alarm_rate": rate,
        "precision": right / judged if judged else None,
        "precision_low": low,
        "precision_high": high,
        "recall": recall,
        "lift": {k: r / rate if rate and r is not None else None for k, r in recall.items()},
        "labelled": judged,
        "under_rated": int(caught["labels"].list.contains("under-rated").sum()),
        "over_rated": int(caught["labels"].list.contains("over-rated").sum()),
        "lead_days": median_days(leads),
        "review_minutes_per_month": _monthly(read, ground),
        "review_minutes_saved_per_month": _monthly(skimmed - read, ground),
    }
    return row, leads


def _known_then(pattern: Pattern, as_of: datetime | None) -> bool:
    return as_of is None or pattern.lifecycle.created < as_of.date()


def _findings(ground: _Ground, patterns: Sequence[Pattern]) -> int | None:
    if ground.findings is None:
        return None
    mine = ground.findings.filter(pl.col("pattern").is_in([p.id for p in patterns]))
    return mine.join(ground.known.commits, on="sha", how="semi").height


def _monthly(count: float | None, ground: _Ground) -> float | None:
    return count / ground.months if ground.months and count is not None else None


def _recall(real: pl.DataFrame, kinds: Iterable[str]) -> dict[str, float | None]:
    shares = {kind: _share(real.filter(pl.col("kind").list.contains(kind))) for kind in kinds}
    return shares | {ANY_KIND: _share(real)}


def _share(real: pl.DataFrame) -> float | None:
    return int(real["caught"].sum()) / real.height if real.height else None


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


def _no_hits() -> pl.DataFrame:
    return pl.DataFrame(schema={"sha": pl.String, "pattern": pl.String})


def _no_repairs() -> pl.DataFrame:
    return pl.DataFrame(schema={"sha": pl.String, "fixed_utc": pl.Datetime("us", "UTC")})
