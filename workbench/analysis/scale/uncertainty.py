"""What a loop may take when its inputs are not known exactly: draws from stated distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.analysis.intervals import wilson
from workbench.analysis.scale import arithmetic
from workbench.analysis.scale.distributions import Distribution
from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.scale.plan_curves import Curve
from workbench.errors import UnknownNameError, WorkbenchError

if TYPE_CHECKING:
    from workbench.analysis.scale.distributions import Floats

ROWS = "rows"
WHOLE = ("n_tis", "n_dagruns", "reschedule_tis", ROWS)
"""Inputs that count things: a draw of them is rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Varying:
    """A loop model some of whose inputs vary, each by a stated distribution.

    Parameters
    ----------
    model : LoopModel
        Gives what does not vary.
    inputs : mapping
        Input name -> distribution. ``rows`` may vary where ``curve`` says what they cost.
    curve : Curve, optional
        Cost of a query by the rows of its table.
    """

    model: LoopModel
    inputs: Mapping[str, Distribution]
    curve: Curve | None = None

    def __post_init__(self) -> None:
        known = [*arithmetic.INPUTS, *([ROWS] if self.curve else [])]
        unknown = [name for name in self.inputs if name not in known]
        if unknown:
            what = f"The loop model has no input {unknown[0]!r}."
            right = f"Inputs are: {', '.join(known)}."
            todo = "Give a curve as well." if unknown[0] == ROWS else ""
            raise UnknownNameError(what, right=right, todo=todo)
        if not self.inputs:
            raise WorkbenchError("No input varies.", todo="Give a distribution for one at least.")

    def seconds(self, shares: Floats) -> Floats:
        """Loop seconds where each input is the quantile at its column of shares."""
        import numpy as np

        values: dict[str, Any] = dict(self.model.values())
        for column, (name, distribution) in enumerate(self.inputs.items()):
            drawn = distribution.at(shares[:, column])
            values[name] = np.maximum(np.rint(drawn), 1.0) if name in WHOLE else drawn
        if self.curve is not None and ROWS in values:
            values["per_query_seconds"] = self.curve.seconds(values.pop(ROWS))
        if values["position"] is not None:
            values["position"] = np.minimum(values["position"], values["n_tis"])
        found = arithmetic.seconds(values, **self.model.switches())
        return np.broadcast_to(np.asarray(found, dtype=float), shares.shape[:1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What a loop takes over many draws, and how often it takes too long."""

    draws: int
    limit_seconds: float
    mean_seconds: float
    p5_seconds: float
    p50_seconds: float
    p95_seconds: float
    p99_seconds: float
    chance_over: float
    chance_over_low: float
    chance_over_high: float
    stated: Mapping[str, str]

    def frame(self) -> pl.DataFrame:
        """One row with every figure."""
        names = [name for name in self.__slots__ if name != "stated"]
        return pl.DataFrame([{name: getattr(self, name) for name in names}])


def spread(
    varying: Varying, limit_seconds: float, *, draws: int = 1_000_000, seed: int = 0
) -> Spread:
    """Draw inputs at random and say what the loop takes: p50, p95, p99, chance of too long.

    Parameters
    ----------
    varying : Varying
        The loop and how its inputs vary; they vary independently of each other.
    limit_seconds : float
        Seconds that a loop may take.
    draws : int
        Loops that are drawn.
    seed : int
        Of the draws: the same seed draws the same loops.
    """
    import numpy as np

    if draws < 1:
        raise WorkbenchError(f"{draws!r} draws are none.", right="Draw one loop at least.")
    rng = np.random.default_rng(seed)
    shares = rng.random((draws, len(varying.inputs)))
    taken = np.array(varying.seconds(shares))
    over = int((taken > limit_seconds).sum())
    low, high = wilson(over, draws)
    mean = float(taken.mean())
    p5, p50, p95, p99 = (float(v) for v in np.percentile(taken, [5, 50, 95, 99]))
    return Spread(
        draws=draws,
        limit_seconds=limit_seconds,
        mean_seconds=mean,
        p5_seconds=p5,
        p50_seconds=p50,
        p95_seconds=p95,
        p99_seconds=p99,
        chance_over=over / draws,
        chance_over_low=low,
        chance_over_high=high,
        stated={name: each.says() for name, each in varying.inputs.items()},
    )
