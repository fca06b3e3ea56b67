"""History replayed in time order: what the memory would have proposed, and how often wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from workbench.analysis.failures.gates import LEVEL, Gates
from workbench.analysis.failures.memory import REMEMBERS, Similar
from workbench.analysis.failures.outcomes import fix_key
from workbench.analysis.intervals import at_least
from workbench.domain.failure_memory import Verdict
from workbench.domain.tables import PolarsType

WINDOW = 50
REPLAYED_NEAR = 100
"""Digests looked at for each one: those that nobody had seen by then are passed over."""
STEPS: dict[str, PolarsType] = {
    "logged": pl.Int64,
    "failure_id": pl.String,
    "at_utc": pl.Datetime("us", "UTC"),
    "error_class": pl.String,
    "best": pl.Float64,
    "gate1": pl.Boolean,
    "gate2": pl.Boolean,
    "automatic": pl.Boolean,
    "right": pl.Boolean,
}


@dataclass(slots=True)
class _Fix:
    """What is known of one fix for one digest."""

    held: int = 0
    known: int = 0


@dataclass(slots=True)
class _Past:
    """What the memory holds by now: for each digest its fixes, the last one used last."""

    fixes: dict[str, dict[str, _Fix]] = field(default_factory=dict)

    def learn(self, digest: str, fix: str, *, held: bool | None, remembers: bool) -> None:
        known = self.fixes.setdefault(digest, {})
        if remembers:
            known[fix] = known.pop(fix, _Fix())
        told = known.get(fix)
        if told is not None and held is not None:
            told.known += 1
            told.held += held


def learning_curve(
    failures: pl.DataFrame,
    resolutions: pl.DataFrame,
    similar: Similar,
    *,
    gates: Gates | None = None,
    truth: Mapping[str, str] | None = None,
    window: int = WINDOW,
) -> pl.DataFrame:
    """Replay history: what was remembered of each failure by then, and whether that was right.

    A suggestion is right when people did the same in the end. Words that compare texts
    (:class:`Similar`) are those of the whole history, the memory is that of the moment.

    Parameters
    ----------
    failures : polars.DataFrame
        ``failure_id, at_utc, digest_id, digest, exception``; failures without a time are left out.
    resolutions : polars.DataFrame
        As RESOLUTIONS declares: a resolution is remembered from its own moment on.
    similar : Similar
        Built from the digests of all these failures.
    gates : Gates, optional
        Where the gates open; the uncalibrated defaults unless given.
    truth : mapping, optional
        Failure -> what ended it, for a history that is labelled as a whole: each failure is then
        resolved at once and the fix holds; ``resolutions`` are not looked at.
    window : int
        How many failures the recent shares look back on.

    Returns
    -------
    polars.DataFrame
        One row a failure: ``logged`` (the how manieth), ``failure_id, at_utc, error_class, best,
        gate1, gate2, automatic, right`` (null when nothing was suggested, or nobody knows), and
        cumulative and recent shares: ``automatic_share`` (of all), ``wrong_share`` (of those
        proposed as automatic whose end is known), ``novel_share``.
    """
    chosen = gates or Gates()
    ordered = failures.drop_nulls("at_utc").sort("at_utc", "failure_id")
    words = _words(ordered, resolutions, truth)
    steps = _steps(ordered, words, _near(ordered, similar), chosen)
    return _shares(pl.DataFrame(steps, schema=STEPS, orient="row"), window)


def replayed_labels(curve: pl.DataFrame) -> pl.DataFrame:
    """Return what a replay says of the first gate, in the form that calibration takes."""
    return curve.drop_nulls(["best", "right"]).select(
        "failure_id", "error_class", similarity="best", right="right"
    )


def _words(
    ordered: pl.DataFrame, resolutions: pl.DataFrame, truth: Mapping[str, str] | None
) -> pl.DataFrame:
    """What people said, in order: ``failure_id, digest_id, fix, held, remembers, when_utc``."""
    if truth is None:
        wrong = pl.col("verdict") == Verdict.REJECTED
        said = resolutions.with_columns(
            done=pl.when(wrong).then("suggested").otherwise("done"),
            held=pl.when(wrong).then(pl.lit(False)).otherwise("held"),
            remembers=pl.col("verdict").is_in(REMEMBERS),
        ).select("failure_id", "done", "held", "remembers", "when_utc")
        places = ordered.select("failure_id", "digest_id")
    else:
        known = {"failure_id": list(truth), "done": list(truth.values())}
        said = pl.DataFrame(known).with_columns(held=pl.lit(True), remembers=pl.lit(True))
        places = ordered.select("failure_id", "digest_id", when_utc="at_utc")
    return (
        said.join(places, on="failure_id")
        .with_columns(fix=fix_key("done"))
        .drop_nulls("fix")
        .sort("when_utc", "failure_id")
        .select("failure_id", "digest_id", "fix", "held", "remembers", "when_utc")
    )


def _near(ordered: pl.DataFrame, similar: Similar) -> dict[str, list[tuple[str, float]]]:
    """For each digest those like it, best first, itself among them."""
    asked = ordered.unique("digest_id", keep="first", maintain_order=True)
    if asked.is_empty():
        return {}
    found = similar.top(asked, min(REPLAYED_NEAR, asked.height))
    near: dict[str, list[tuple[str, float]]] = {}
    for query, digest, share in found.select("query_id", "digest_id", "similarity").iter_rows():
        near.setdefault(query, []).append((digest, share))
    return near


def _steps(
    ordered: pl.DataFrame,
    words: pl.DataFrame,
    near: Mapping[str, list[tuple[str, float]]],
    gates: Gates,
) -> list[dict[str, object]]:
    ends = dict(words.filter("remembers").select("failure_id", "fix").iter_rows())
    pending = list(words.drop("failure_id").iter_rows())
    past, told = _Past(), 0
    opens = dict(gates.thresholds(ordered).iter_rows())
    steps: list[dict[str, object]] = []
    rows = ordered.select("failure_id", "at_utc", "digest_id", "exception").iter_rows()
    for number, (failure, at, digest, exception) in enumerate(rows, start=1):
        while told < len(pending) and pending[told][-1] < at:
            _learn(past, pending[told])
            told += 1
        best, fix, confidence = _proposed(past, near.get(digest, ()), opens[failure])
        gate1 = best is not None and best >= opens[failure]
        gate2 = (confidence >= gates.confidence and confidence > 0) if gate1 else None
        end = ends.get(failure)
        steps.append(
            {
                "logged": number,
                "failure_id": failure,
                "at_utc": at,
                "error_class": exception,
                "best": best,
                "gate1": gate1,
                "gate2": gate2,
                "automatic": bool(gate1 and gate2),
                "right": None if fix is None or end is None else fix == end,
            }
        )
    return steps


def _learn(past: _Past, word: tuple[str, str, bool | None, bool, datetime]) -> None:
    digest, fix, held, remembers, _ = word
    past.learn(digest, fix, held=held, remembers=remembers)


def _proposed(
    past: _Past, near: list[tuple[str, float]] | tuple[()], threshold: float
) -> tuple[float | None, str | None, float]:
    """The best similarity, the fix of the nearest, and what one may be sure of it."""
    seen = [(share, past.fixes[digest]) for digest, share in near if past.fixes.get(digest)]
    if not seen:
        return None, None, 0.0
    best, nearest = seen[0]
    fix = max(nearest, key=lambda name: (nearest[name].held > 0, list(nearest).index(name)))
    close = [fixes[fix] for share, fixes in seen if share >= threshold and fix in fixes]
    held, known = sum(f.held for f in close), sum(f.known for f in close)
    return best, fix, at_least(held, known, level=LEVEL)


def _shares(steps: pl.DataFrame, window: int) -> pl.DataFrame:
    automatic, novel = pl.col("automatic").cast(pl.Int64), (~pl.col("gate1")).cast(pl.Int64)
    judged = (pl.col("automatic") & pl.col("right").is_not_null()).cast(pl.Int64)
    wrong = (pl.col("automatic") & ~pl.col("right").fill_null(value=True)).cast(pl.Int64)

    def recent(flag: pl.Expr) -> pl.Expr:
        return flag.rolling_sum(window, min_samples=1)

    back = pl.min_horizontal(pl.col("logged"), pl.lit(window))
    return steps.with_columns(
        automatic_share=automatic.cum_sum() / pl.col("logged"),
        novel_share=novel.cum_sum() / pl.col("logged"),
        wrong_share=_share(wrong.cum_sum(), judged.cum_sum()),
        recent_automatic_share=recent(automatic) / back,
        recent_novel_share=recent(novel) / back,
        recent_wrong_share=_share(recent(wrong), recent(judged)),
    )


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
