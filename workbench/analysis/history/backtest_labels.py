"""Labels as a backtest may use them: what was known at the date, on commits that are loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import polars as pl

from workbench.analysis.history.short_shas import Shas
from workbench.domain.histories import History
from workbench.domain.patterns import Label, Pattern
from workbench.domain.tables import PolarsType

REAL = ("breaking", "under-rated", "over-rated", "missed")
"""Verdicts that say a commit hurt; under- and over-rated dispute the severity alone."""
FALSE = ("harmless",)
_LABELS: dict[str, PolarsType] = {
    "sha": pl.String,
    "pattern": pl.String,
    "label": pl.String,
    "real": pl.Boolean,
    "kind": pl.String,
    "fixed_utc": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Labels that count, and how many do not.

    ``rows`` holds ``sha, pattern, label, real, kind, fixed_utc`` of those that count, in their
    order. ``given`` = ``counted`` + ``unsure`` + ``unknown_commit`` (no loaded commit has that
    sha) + ``later`` (the commit or the verdict came after the date) + ``undated`` (it names a
    repair that is not loaded and says no date, so that nobody knows whether it was known then).
    """

    rows: pl.DataFrame
    given: int
    counted: int
    unsure: int
    unknown_commit: int
    later: int
    undated: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """The figures by name."""
        names = ("given", "counted", "unsure", "unknown_commit", "later", "undated")
        return {name: getattr(self, name) for name in names}


def verdicts(labels: Iterable[Label], history: History, as_of: datetime | None) -> Verdicts:
    """Sort out which labels could be known at a date.

    A label is known from its ``when`` on, else from the date of the repair it names; one that says
    neither was always known; one whose repair is not loaded cannot be dated. A repair that came
    later is not known, whoever names it.
    """
    dates = dict(history.commits.select("sha", "committed_utc").iter_rows())
    rows: list[dict[str, object]] = []
    shas = Shas(dates)
    counts = dict.fromkeys(("unsure", "unknown_commit", "later", "undated"), 0)
    total = 0
    for label in labels:
        total += 1
        fixed = _fixed(label, dates, shas)
        given = _moment(label.extra.get("when")) or fixed
        if label.sha not in dates:
            counts["unknown_commit"] += 1
        elif any(_after(moment, as_of) for moment in (given, dates[label.sha])):
            counts["later"] += 1
        elif as_of is not None and given is None and label.extra.get("fixed_sha"):
            counts["undated"] += 1
        elif label.label not in (*REAL, *FALSE):
            counts["unsure"] += 1
        else:
            kind = label.extra.get("kind")
            rows.append(
                {
                    "sha": label.sha,
                    "pattern": label.pattern,
                    "label": label.label,
                    "real": label.label in REAL,
                    "kind": kind if isinstance(kind, str) else None,
                    "fixed_utc": None if _after(fixed, as_of) else fixed,
                }
            )
    frame = pl.DataFrame(rows, schema=_LABELS, orient="row")
    return Verdicts(rows=frame, given=total, counted=len(rows), **counts)


def about(
    rows: pl.DataFrame, patterns: Sequence[Pattern], known: History, *, hit: pl.DataFrame
) -> pl.DataFrame:
    """Fold labels into one verdict a commit: on one of the patterns, or on the commit as a whole.

    What a pattern was made from proves nothing about it: a commit that is an origin of one of the
    patterns is left out, unless another of them, which was not made from it, hits it.

    Parameters
    ----------
    rows : polars.DataFrame
        As in :class:`Verdicts`.
    patterns : sequence of Pattern
        Those that are judged together.
    known : History
        The commits of the span.
    hit : polars.DataFrame
        ``sha, pattern`` of their hits.

    Returns
    -------
    polars.DataFrame
        ``sha, real, fixed_utc, kind, labels, caught``.
    """
    subjects = known.commits.select("sha", "subject")
    own = [
        subjects.filter(_is_origin(pattern)).select("sha", pattern=pl.lit(pattern.id))
        for pattern in patterns
    ]
    origins = pl.concat(own) if own else hit.clear()
    others = hit.join(origins, on=["sha", "pattern"], how="anti")
    barred = origins.join(others, on="sha", how="anti")["sha"]
    mine = pl.col("pattern").is_null() | pl.col("pattern").is_in([p.id for p in patterns])
    return (
        rows.join(subjects.select("sha"), on="sha", how="semi", maintain_order="left")
        .filter(mine & ~pl.col("sha").is_in(barred.implode()))
        # A verdict on the hit says more than one on the commit, a later one more than an earlier.
        .sort(pl.col("pattern").is_not_null(), maintain_order=True)
        .group_by("sha", "pattern", maintain_order=True)
        .agg(
            pl.col("real", "label", "fixed_utc").last(),
            kinds=pl.col("kind").drop_nulls(),
        )
        .group_by("sha", maintain_order=True)
        .agg(
            # Of several patterns one that is right makes the commit one that hurt.
            real=pl.when(pl.col("pattern").is_not_null().any())
            .then(pl.col("real").filter(pl.col("pattern").is_not_null()).any())
            .otherwise(pl.col("real").any()),
            fixed_utc=pl.col("fixed_utc").drop_nulls().last(),
            kind=pl.col("kinds").list.explode(empty_as_null=False).unique(),
            labels=pl.col("label").unique(),
        )
        .with_columns(caught=pl.col("sha").is_in(others["sha"].unique().implode()))
    )


def _after(moment: datetime | None, as_of: datetime | None) -> bool:
    return moment is not None and as_of is not None and moment >= as_of


def _fixed(label: Label, dates: dict[str, datetime], shas: Shas) -> datetime | None:
    if said := _moment(label.extra.get("fixed_date")):
        return said
    sha = shas.whole(str(label.extra.get("fixed_sha") or ""))
    return dates[sha] if sha else None


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


def _is_origin(pattern: Pattern) -> pl.Expr:
    numbers = {n for origin in pattern.origins for n in re.findall(r"#(\d+)", origin.ref)}
    shas = {s for origin in pattern.origins for s in re.findall(r"\b[0-9a-f]{7,40}\b", origin.ref)}
    own = pl.lit(value=False)
    if numbers:
        own = own | pl.col("subject").str.contains(rf"\(#(?:{'|'.join(sorted(numbers))})\)")
    for sha in sorted(shas):
        own = own | pl.col("sha").str.starts_with(sha)
    return own
