"""The evidence of one case, and the few figures that several parts of its report rest on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from workbench.analysis.history.scan import Scan
from workbench.analysis.incidents.durations import RESTART, Durations
from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.scale.query_deltas import query_deltas
from workbench.domain.cases import Case
from workbench.domain.patterns import Pattern

WORD = re.compile(r"\w{4,}")
"""Words of failures that a changed name is compared with; shorter ones say too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was loaded for a case and what was computed from it.

    Frames are as declared in :mod:`workbench.domain.frames`; any of them may be empty.
    ``threshold_seconds`` is how long a scheduler loop may take before its liveness probe fails.
    """

    case: Case
    events: pl.DataFrame
    failures: pl.DataFrame
    statistics: pl.DataFrame
    loops: pl.DataFrame
    commits: pl.DataFrame
    scan: Scan
    durations: Durations
    rejections: pl.DataFrame
    patterns: Sequence[Pattern] = ()
    model: LoopModel | None = None
    threshold_seconds: float = 120.0

    @property
    def restarts_utc(self) -> list[datetime]:
        """When it was restarted inside the incident, as :attr:`durations` counts it.

        Restarts that were seen together are spread over the time in which they were seen.
        """
        case = self.case
        inside = pl.col("at_utc") >= case.started_utc
        if case.ended_utc is not None:
            inside &= pl.col("at_utc") <= case.ended_utc
        seen = self.events.filter(pl.col("kind").is_in(RESTART) & inside).sort("at_utc")
        moments = []
        for row in seen.select("at_utc", "end_utc", "repeats").iter_rows(named=True):
            step = ((row["end_utc"] or row["at_utc"]) - row["at_utc"]) / max(row["repeats"] - 1, 1)
            moments += [row["at_utc"] + step * n for n in range(row["repeats"])]
        return sorted(moments)

    @property
    def sorted_commits(self) -> pl.DataFrame:
        """Commits with the triage class of each."""
        return self.commits.join(self.scan.triage.select("sha", "class", "rule"), on="sha")

    @property
    def hits(self) -> pl.DataFrame:
        """Hits with date and subject of their commit, oldest first.

        ``reached`` if it landed before the deploy (before the incident where no deploy is known);
        ``telling`` if it then also lies on a hot path, or changed a name that a failure of the
        incident mentions. That it was part of what ran is not known: the branch of the release
        may have been cut before it landed.
        """
        named = self.commits.select("sha", "committed_utc", "subject")
        deployed = self.case.deployed_utc or self.case.started_utc
        return (
            self.scan.hits.join(named, on="sha")
            .with_columns(
                reached=pl.col("committed_utc") <= deployed,
                telling=(pl.col("committed_utc") <= deployed) & self._tells(),
            )
            .sort("committed_utc", "sha", "path", "line", "pattern")
        )

    @property
    def before(self) -> str:
        """Up to when a commit counts as ``reached``, in words."""
        return "before the deploy" if self.case.deployed_utc else "before the incident"

    @property
    def failures_inside(self) -> pl.DataFrame:
        """Failed tries from the start of the incident to its end."""
        return self.case.inside(self.failures)

    def _tells(self) -> pl.Expr:
        """Whether a hit lies on a hot path, or one of its names stands in a failure."""
        said = self.failures_inside.select("exception", "message", "text").to_numpy().ravel()
        words = set(WORD.findall(" ".join(str(text) for text in said if text)))
        found = self.scan.findings
        hot = found.filter(pl.col("kind") == "everyone").select(tell=_key())["tell"]
        last = pl.element().str.split(".").list.last()
        named = pl.col("names").list.eval(last.is_in(list(words))).list.any()
        return _key().is_in(hot.implode()) | named

    @property
    def pattern(self) -> Mapping[str, Pattern]:
        """Patterns by id."""
        return {pattern.id: pattern for pattern in self.patterns}


def _key() -> pl.Expr:
    return pl.concat_str("sha", "pattern", separator=" ")


def compared(statistics: pl.DataFrame) -> pl.DataFrame:
    """One row per query: what an execution cost in the first snapshot, and in the second.

    What it cost in the second is the cost of the window between the two, as
    :func:`~workbench.analysis.scale.query_deltas.query_deltas` subtracts them.

    Returns
    -------
    polars.DataFrame
        queryid, query, calls, total_ms, share, before_ms, after_calls, after_ms, ratio, is_new.
        A query that only the second snapshot has is new: calls, total_ms, share, before_ms and
        ratio are null. Costliest first, by the time in the first snapshot, of a new one by the
        time in the second.
    """
    first, second = (statistics.filter(pl.col("snapshot") == name) for name in ("before", "after"))
    since = query_deltas(first, second).select(
        "queryid", after_query="query", after_calls="calls", after_ms="mean_ms", spent="total_ms"
    )
    made = first.join(since, on="queryid", how="full", coalesce=True).with_columns(
        query=pl.coalesce("query", "after_query"),
        total_ms="total_exec_ms",
        before_ms="mean_exec_ms",
        share=pl.col("total_exec_ms") / pl.col("total_exec_ms").sum(),
        ratio=pl.when(pl.col("after_ms") > 0).then(pl.col("mean_exec_ms") / pl.col("after_ms")),
        is_new=pl.col("total_exec_ms").is_null(),
        cost=pl.coalesce("total_exec_ms", "spent"),
    )
    columns = ["queryid", "query", "calls", "total_ms", "share", "before_ms"]
    ordered = made.sort("cost", "queryid", descending=[True, False], nulls_last=True)
    return ordered.select(*columns, "after_calls", "after_ms", "ratio", "is_new")


def costliest(statistics: pl.DataFrame) -> dict[str, Any] | None:
    """The row of :func:`compared` that took most of the first snapshot's time; None without."""
    rows = compared(statistics).filter(~pl.col("is_new")).head(1).to_dicts()
    return rows[0] if rows else None
