"""Composite evidence: several kinds of risk in one commit make each of them worse."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from workbench.domain.frames import HITS
from workbench.domain.history import Severity
from workbench.domain.patterns import Pattern

TAG = "composite"
_RANKS = {severity.value: severity.rank for severity in Severity}
_NAMES = {rank: name for name, rank in _RANKS.items()}
FLOOR, CEILING = Severity.MEDIUM.rank, Severity.HIGH.rank


def raised(hits: pl.DataFrame, patterns: Sequence[Pattern]) -> pl.DataFrame:
    """Raise hits that another kind of risk stands beside.

    A pattern says by its tag ``composite`` that it is evidence of its own: a mutated context, a
    removed guard, a query without an index, but not one more name that goes. Where two such
    patterns hit one commit with MEDIUM or more, each of their hits there is raised by one step, to
    HIGH at most. A release is the work of weeks: there they have to hit one file. On two years of
    Airflow's history, the patterns' own origins left out, 4 of 43 commits with two such patterns
    were reverted or repaired by number, and 36 of 4,312 others: few, but ten times as often.

    Parameters
    ----------
    hits : polars.DataFrame
        As declared in :data:`workbench.domain.frames.HITS`.
    patterns : sequence of Pattern
        The patterns that were run.
    """
    combining = [pattern.id for pattern in patterns if TAG in pattern.tags]
    rank = pl.col("severity").replace_strict(_RANKS, return_dtype=pl.Int8)
    place = pl.when(pl.col("sha").str.starts_with("release:")).then("path").otherwise(pl.lit(""))
    counts = pl.col("pattern").is_in(combining) & (rank >= FLOOR)
    beside = pl.when(counts).then("pattern").n_unique().over("sha", place) - (~counts).any().over(
        "sha", place
    ).cast(pl.UInt32)
    up = pl.min_horizontal(rank + 1, pl.lit(CEILING, pl.Int8))
    step = pl.when(counts & (beside >= 2) & (rank < CEILING)).then(up).otherwise(rank)
    return HITS.check(
        hits.with_columns(severity=step.replace_strict(_NAMES, return_dtype=pl.String))
    )
