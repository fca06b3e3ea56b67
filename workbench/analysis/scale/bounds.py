"""Invariants that bound a time, as INV-004 bounds the scheduler loop, held against data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from workbench.analysis.scale.defaults import default
from workbench.analysis.scale.uncertainty import Spread
from workbench.domain.tables import table
from workbench.errors import WorkbenchError

VIOLATIONS = table(
    "violations",
    {
        "invariant": (pl.String, "id of the invariant"),
        "evidence": (pl.String, "sample: it was measured; model: it is to be expected"),
        "case_id": (pl.String, "its case; null when loaded alone, and for a model"),
        "at_utc": (pl.Datetime("us", "UTC"), "when it was measured; null for a model"),
        "seconds": (pl.Float64, "how long it took, or the model's 95 % quantile"),
        "limit_seconds": (pl.Float64, "how long it may take"),
        "origin_path": (pl.String, "file of the sample; null for a model"),
        "origin_line": (pl.UInt32, "line in that file; null for a model"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBound:
    """A statement that something never takes longer than a limit.

    Parameters
    ----------
    id : str
        Of the invariant.
    statement : str
        What must always hold, in a sentence.
    limit_seconds : float
        How long it may take; as long is still within.
    """

    id: str
    statement: str
    limit_seconds: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit_seconds) and self.limit_seconds > 0):
            what = f"{self.id} has a limit of {self.limit_seconds!r} s."
            raise WorkbenchError(what, right="A limit is a finite number of seconds above zero.")


INV_004 = TimeBound(
    id="INV-004",
    statement="A scheduler loop completes within 120 seconds.",
    limit_seconds=default("limit_seconds"),
)
"""Violated in the February 2026 incident, and named after it."""


def violated_by_samples(bound: TimeBound, samples: pl.DataFrame) -> pl.DataFrame:
    """Find the samples that took longer than the bound allows, in their order of time.

    Parameters
    ----------
    bound : TimeBound
        What must hold.
    samples : polars.DataFrame
        At least ``at_utc`` and ``seconds``; of ``case_id``, ``origin_path`` and ``origin_line``
        what there is, as in :data:`workbench.domain.frames.LOOP_SAMPLES`.

    Returns
    -------
    polars.DataFrame
        As :data:`VIOLATIONS` declares; no rows where the invariant holds.
    """
    there = [name for name in VIOLATIONS.columns if name in samples.columns]
    given = samples.select(there).filter(pl.col("seconds") > bound.limit_seconds)
    said = given.with_columns(
        invariant=pl.lit(bound.id),
        evidence=pl.lit("sample"),
        limit_seconds=pl.lit(bound.limit_seconds, pl.Float64),
    )
    absent = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in VIOLATIONS.schema.items()
        if name not in said.columns
    ]
    return VIOLATIONS.check(said.with_columns(absent)).sort(
        "at_utc", "seconds", "origin_path", "origin_line"
    )


def violated_by_model(bound: TimeBound, spread: Spread) -> pl.DataFrame:
    """Tell whether the model's 95 % quantile takes longer than the bound allows.

    Returns
    -------
    polars.DataFrame
        As :data:`VIOLATIONS` declares: one row, or none where the invariant is kept.
    """
    if spread.p95_seconds <= bound.limit_seconds:
        return VIOLATIONS.empty()
    row: dict[str, object] = {
        "invariant": bound.id,
        "evidence": "model",
        "seconds": spread.p95_seconds,
        "limit_seconds": bound.limit_seconds,
    }
    return VIOLATIONS.check(VIOLATIONS.frame([row]))
