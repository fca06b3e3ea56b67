"""Two gates before a remembered fix may be proposed as automatic; whatever goes wrong, a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from workbench.domain.failure_memory import DEFAULT_CONFIDENCE, DEFAULT_SIMILARITY, Decision
from workbench.errors import WorkbenchError

LEVEL = 0.90
"""How sure the lower bound of a share is: one-sided, Clopper-Pearson."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Where the two gates open.

    ``similarity`` and ``confidence`` are in [0, 1]; ``classes`` are calibrated similarities by the
    exception's name; ``calibrated`` says whether ``similarity`` itself rests on labels.
    """

    similarity: float = DEFAULT_SIMILARITY
    confidence: float = DEFAULT_CONFIDENCE
    classes: Mapping[str, float] = field(default_factory=dict)
    calibrated: bool = False

    def __post_init__(self) -> None:
        for name, value in (
            ("similarity", self.similarity),
            ("confidence", self.confidence),
            *(("the similarity of " + name, at) for name, at in self.classes.items()),
        ):
            if not 0.0 <= value <= 1.0:
                what = f"{name} is {value}."
                raise WorkbenchError(what, right="A gate opens at a number from 0 to 1.")

    def thresholds(self, incoming: pl.DataFrame) -> pl.DataFrame:
        """Return where the first gate opens for each failure: ``failure_id, threshold``.

        Parameters
        ----------
        incoming : polars.DataFrame
            ``failure_id, exception``.
        """
        own = pl.col("exception").replace_strict(
            dict(self.classes) or {"": self.similarity},
            default=self.similarity,
            return_dtype=pl.Float64,
        )
        return incoming.select("failure_id", threshold=own.fill_null(self.similarity))


def through_gates(seen: pl.DataFrame, *, confidence: float) -> pl.DataFrame:
    """Say for each failure which gates it passes, and where it goes.

    Parameters
    ----------
    seen : polars.DataFrame
        What :func:`~workbench.analysis.failures.outcomes.evidence` answers.
    confidence : float
        Where the second gate opens.

    Returns
    -------
    polars.DataFrame
        The same with ``gate1, gate2`` (null below the first gate), ``confidence`` (the lower bound
        of the share that held; null below the first gate) and ``decision``.
    """
    bounds = _bounds(seen.select("held", "known").unique(maintain_order=True))
    gate1 = (pl.col("best") >= pl.col("threshold")).fill_null(value=False)
    # a fix that nobody remembers cannot be proposed, however well others held
    passes = (pl.col("bound") >= confidence) & pl.col("suggested").is_not_null()
    return (
        seen.join(bounds, on=["held", "known"], how="left", maintain_order="left")
        .with_columns(gate1=gate1)
        .with_columns(
            gate2=pl.when("gate1").then(passes & (pl.col("known") > 0)),
            confidence=pl.when("gate1").then("bound"),
        )
        .with_columns(decision=decision())
        .drop("bound")
    )


def decision() -> pl.Expr:
    """Return where a failure goes by its two gates: only both open the way past a person."""
    both = (pl.col("gate1") & pl.col("gate2")).fill_null(value=False)
    return (
        pl.when(both)
        .then(pl.lit(Decision.AUTOMATIC.value))
        .otherwise(pl.lit(Decision.PERSON.value))
    )


def _bounds(counts: pl.DataFrame) -> pl.DataFrame:
    from workbench.analysis.intervals import at_least

    rows = [
        {"held": held, "known": known, "bound": at_least(held, known, level=LEVEL)}
        for held, known in counts.iter_rows()
    ]
    schema = {"held": pl.Int64, "known": pl.Int64, "bound": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
