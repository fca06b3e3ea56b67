"""Which loop times explain a count of restarts: a posterior, because one count has many causes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from workbench.analysis.scale.defaults import default
from workbench.analysis.scale.probe import Probe
from workbench.analysis.scale.simulation import simulate
from workbench.domain.tables import table
from workbench.errors import WorkbenchError

STARTS = (30.0, 60.0, 120.0, 300.0, 450.0, 600.0)
"""Seconds that a start may take: from a bare process to one that migrates and imports first."""
FIRST_RUNS, FURTHER_RUNS = 3, 13
FAR = 6.0
"""Standard deviations from the count beyond which a first look is enough."""
EXPLANATIONS = table(
    "explanations",
    {
        "loop_seconds": (pl.Float64, "mean duration of a loop; inf: it is stuck"),
        "start_seconds": (pl.Float64, "duration of a start, as Probe has it"),
        "restarts_mean": (pl.Float64, "restarts in the horizon, mean of the runs"),
        "restarts_sd": (pl.Float64, "their standard deviation"),
        "runs": (pl.Int64, "simulated horizons"),
        "probability": (pl.Float64, "posterior; all of them add up to 1"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """How likely each loop time is, given a count of restarts."""

    restarts: int
    horizon_seconds: float
    prior: str
    explanations: pl.DataFrame

    def stuck_probability(self) -> float:
        """How likely it is that the loop never came to an end."""
        stuck = self.explanations.filter(pl.col("loop_seconds").is_infinite())
        return float(stuck["probability"].sum())

    def slow_loop(self, level: float = 0.9) -> tuple[float, float] | None:
        """The loop times that hold so much of what is not stuck; None where nothing is left."""
        ends = self.explanations.filter(pl.col("loop_seconds").is_finite())
        by_loop = ends.group_by("loop_seconds").agg(pl.col("probability").sum())
        shares = by_loop.sort("loop_seconds").with_columns(
            pl.col("probability").cum_sum() / pl.col("probability").sum()
        )
        if ends["probability"].sum() <= 0:
            return None
        edges = [(1 - level) / 2, (1 + level) / 2]
        low, high = (shares.filter(pl.col("probability") >= edge)["loop_seconds"] for edge in edges)
        return float(low.item(0)), float(high.item(0)) if high.len() else float(low.item(-1))

    def says(self) -> str:
        """The posterior in two sentences."""
        hours, s = self.horizon_seconds / 3600, "" if self.restarts == 1 else "s"
        head = f"{self.restarts} restart{s} in {hours:g} h do not tell one loop time."
        stuck, slow = self.stuck_probability(), self.slow_loop()
        if slow is None:
            return f"{head} Only a loop that is stuck explains them."
        best = self.explanations.filter(pl.col("loop_seconds").is_infinite()).row(0, named=True)
        return (
            f"{head} Loops of {slow[0]:g} to {slow[1]:g} s explain them ({1 - stuck:.0%}), and so "
            f"does a stuck loop with {best['start_seconds']:g} s of start ({stuck:.0%})."
        )


def explain_restarts(
    restarts: int,
    probe: Probe | None = None,
    *,
    horizon_seconds: float = default("horizon_seconds"),
    starts: Sequence[float] = STARTS,
    counted_within: float = 2.0,
    stuck_prior: float = 0.5,
    step_seconds: float = 10.0,
    jitter: float = default("jitter"),
    seed: int = 0,
) -> Explained:
    """Simulate loop times and starts, and say how well each explains the restarts counted.

    Parameters
    ----------
    restarts : int
        Restarts in the horizon.
    probe : Probe, optional
        Its settings; ``start_seconds`` is replaced by each of ``starts`` in turn.
    horizon_seconds : float
        How long was looked.
    starts : sequence of float
        Seconds a start may take, each as likely as any other.
    counted_within : float
        Standard deviation of the count itself: "over 50" is no exact number.
    stuck_prior : float
        How likely a stuck loop was before the count; the rest is spread evenly over loop times
        from where kills begin to where every loop is killed.
    step_seconds : float
        Between two loop times that are tried.
    jitter, seed
        As :func:`~workbench.analysis.scale.simulation.simulate` takes them.
    """
    if restarts < 0 or not 0 < stuck_prior < 1 or not starts or step_seconds <= 0:
        what = f"{restarts!r} restarts with a prior of {stuck_prior!r} cannot be explained."
        right = "A count is zero or more, a prior between 0 and 1, a step above zero."
        raise WorkbenchError(what, right=right)
    if not (math.isfinite(counted_within) and counted_within >= 0):
        what = f"{counted_within!r} is no uncertainty of a count."
        raise WorkbenchError(what, right="It is a standard deviation, zero or more.")
    probe = probe or Probe()
    low, high = (
        round(edge / step_seconds) * step_seconds
        for edge in (0.8 * probe.never_killed_seconds, 1.15 * probe.always_killed_seconds)
    )
    tried = [low + n * step_seconds for n in range(round((high - low) / step_seconds) + 1)]
    rows: list[dict[str, object]] = []
    weights: list[float] = []
    for start in starts:
        run = partial(
            simulate,
            probe=replace(probe, start_seconds=start),
            horizon_seconds=horizon_seconds,
            jitter=jitter,
        )
        for loop in (*tried, math.inf):
            counts = [run(loop, seed=seed + n).restarts for n in range(FIRST_RUNS)]
            mean, sd = _moments(counts, counted_within)
            if abs(mean - restarts) < FAR * sd and math.isfinite(loop):
                counts += [
                    run(loop, seed=seed + FIRST_RUNS + n).restarts for n in range(FURTHER_RUNS)
                ]
                mean, sd = _moments(counts, counted_within)
            prior = stuck_prior if math.isinf(loop) else (1 - stuck_prior) / len(tried)
            weights.append(prior * math.exp(-0.5 * ((restarts - mean) / sd) ** 2) / sd)
            rows.append(
                {
                    "loop_seconds": loop,
                    "start_seconds": start,
                    "restarts_mean": mean,
                    "restarts_sd": sd,
                    "runs": len(counts),
                }
            )
    total = sum(weights)
    if total == 0:
        what = f"No loop time explains {restarts} restarts in {horizon_seconds / 3600:g} h."
        most = max(row["restarts_mean"] for row in rows)  # type: ignore[type-var]
        right = f"These settings lead to {most:.0f} at most."
        raise WorkbenchError(what, right=right, todo="Look at the probe's settings and starts.")
    posterior = [
        {**row, "probability": weight / total} for row, weight in zip(rows, weights, strict=True)
    ]
    order = ["probability", "loop_seconds", "start_seconds"]
    return Explained(
        restarts=restarts,
        horizon_seconds=horizon_seconds,
        prior=f"stuck {stuck_prior:g}; else any loop from {low:g} to {tried[-1]:g} s alike; "
        f"any start of {', '.join(f'{s:g}' for s in starts)} s alike",
        explanations=EXPLANATIONS.check(
            EXPLANATIONS.frame(posterior).sort(order, descending=[True, False, False])
        ),
    )


def _moments(counts: Sequence[int], counted_within: float) -> tuple[float, float]:
    """Mean and standard deviation; half a restart is lost by counting whole ones."""
    mean = sum(counts) / len(counts)
    scatter = sum((count - mean) ** 2 for count in counts) / max(len(counts) - 1, 1)
    return mean, math.sqrt(scatter + counted_within**2 + 0.25)
