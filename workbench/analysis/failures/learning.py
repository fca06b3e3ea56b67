"""History replayed in time order: what the memory would have proposed, and how often wrongly."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.analysis.failures.gates import Gates
from workbench.analysis.failures.memory import REMEMBERS, Similar
from workbench.analysis.failures.outcomes import fix_key
from workbench.analysis.failures.replay import replayed
from workbench.domain.failure_memory import Verdict

WINDOW = 50


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
    return _shares(replayed(ordered, words, similar, chosen), window)


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
