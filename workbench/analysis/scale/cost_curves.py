"""What a query costs over the rows of its table: a curve for each plan, with bands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import polars as pl

from workbench.analysis.scale.curve_families import FAMILIES, fit_shapes
from workbench.analysis.scale.plan_curves import Curve, Segment, nearest_segment, neighbours
from workbench.analysis.scale.plan_runs import MEASURES, Measure, noise_of, plan_runs, sound
from workbench.domain.tables import table
from workbench.errors import UnknownNameError, WorkbenchError

CURVE = table(
    "curve",
    {
        "variant": (pl.String, "indexes that the table had"),
        "profile": (pl.String, "parameters asked for"),
        "rows": (pl.Int64, "rows in the table"),
        "value_ms": (pl.Float64, "milliseconds a query takes"),
        "low_ms": (pl.Float64, "lower edge of the 90 % band"),
        "high_ms": (pl.Float64, "upper edge of the 90 % band"),
        "beyond_data": (pl.Float64, "how many times beyond the measured sizes; 1 within them"),
        "family": (pl.String, "shape of the curve there"),
    },
)


class Prediction(NamedTuple):
    """Cost of one query at some number of rows, with its 90 % band."""

    value_ms: float
    low_ms: float
    high_ms: float
    beyond_data: float
    """How many times larger (or smaller) than anything measured; 1.0 within the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCurves:
    """Fitted curves of every variant, profile and measure; made by :func:`fit_curves`."""

    segments: tuple[Segment, ...]

    def predict(
        self,
        rows: float,
        *,
        variant: str,
        profile: str = "miss",
        measure: Measure = "client_ms",
    ) -> Prediction:
        """Cost of one query at a number of rows.

        Raises
        ------
        UnknownNameError
            Nothing was measured under these names; the message lists what was.
        WorkbenchError
            The number of rows is not above zero.
        """
        found = self.curve([rows], variant=variant, profile=profile, measure=measure)
        row = found.row(0, named=True)
        return Prediction(*(row[name] for name in Prediction._fields))

    def curve(
        self,
        rows: list[float],
        *,
        variant: str,
        profile: str = "miss",
        measure: Measure = "client_ms",
    ) -> pl.DataFrame:
        """Cost at many numbers of rows, as declared in :data:`CURVE`.

        Between two plans nobody knows where the planner changes its mind: the nearer one gives
        the value there, both give the band.
        """
        import numpy as np

        segments = self._named(variant, profile, measure)
        wrong = [n for n in rows if not (math.isfinite(n) and n > 0)]
        if wrong:
            what = f"{wrong[0]!r} is no number of rows."
            raise WorkbenchError(what, right="A table has a finite number of rows above zero.")
        asked = np.asarray(rows, dtype=float)
        nearest = nearest_segment(segments, asked)
        every = np.stack([np.stack(segment.at(asked)) for segment in segments])
        value, low, high = every[nearest, :, np.arange(asked.size)].T
        for index, (before, after) in enumerate(neighbours(segments)):
            between = (asked > before.last_rows) & (asked < after.first_rows)
            both = every[index : index + 2][:, :, between]
            low[between] = both[:, 1].min(axis=0)
            high[between] = both[:, 2].max(axis=0)
        first, last = segments[0].first_rows, segments[-1].last_rows
        beyond = np.maximum(np.maximum(asked / last, first / asked), 1.0)
        made = {
            "variant": [variant] * asked.size,
            "profile": [profile] * asked.size,
            "rows": asked.round().astype(np.int64),
            "value_ms": value,
            "low_ms": low,
            "high_ms": high,
            "beyond_data": beyond,
            "family": [segments[index].family for index in nearest],
        }
        return CURVE.check(pl.DataFrame(made, schema=CURVE.schema))

    def of(self, *, variant: str, profile: str = "miss", measure: Measure = "client_ms") -> Curve:
        """The curve of one variant and profile alone."""
        return Curve(segments=self._named(variant, profile, measure))

    def frame(self) -> pl.DataFrame:
        """One row for each segment: where it holds, its plan, its shape."""
        names = ["variant", "profile", "measure", "plan_signature", "first_rows", "last_rows"]
        return pl.DataFrame(
            [{n: getattr(s, n) for n in [*names, "sizes", "family"]} for s in self.segments]
        )

    def _named(self, variant: str, profile: str, measure: str) -> tuple[Segment, ...]:
        wanted = (variant, profile, measure)
        found = tuple(s for s in self.segments if (s.variant, s.profile, s.measure) == wanted)
        if not found:
            known = dict.fromkeys(f"{s.variant}/{s.profile}/{s.measure}" for s in self.segments)
            what = f"No curve was fitted for {variant}/{profile}/{measure}."
            raise UnknownNameError(what, right=f"There are: {', '.join(known)}.")
        return found


def spaced(low: float, high: float, *, steps: int = 60) -> list[float]:
    """Numbers from low to high, each as many times the one before: where a curve is drawn."""
    return [low * (high / low) ** (n / (steps - 1)) for n in range(steps)]


def fit_curves(
    measurements: pl.DataFrame,
    *,
    statistic: Literal["mean", "median"] = "mean",
    resamples: int = 200,
    seed: int = 0,
) -> CostCurves:
    """Fit a curve to each plan's sizes: constant, log, linear, n log n or power, by AICc.

    One curve over two plans describes neither, so sizes are cut where the plan changes. A size
    stands for the mean of its repetitions, because a loop sums what its queries take. The band
    comes from resampled repetitions, the scatter of the sizes around the curve, and the choice
    between shapes that fit alike.

    Parameters
    ----------
    measurements : polars.DataFrame
        At least the columns of :data:`workbench.domain.measurements.MEASUREMENTS`.
    statistic : str
        ``median`` where something else kept the machine busy now and then.
    resamples : int
        Curves that a band is made of.
    seed : int
        Of the resampling.

    Raises
    ------
    WorkbenchError
        A time or size is no positive number, or nothing was measured; says which and where.
    """
    given = sound(measurements)
    segments: list[Segment] = []
    for measure in MEASURES:
        taken = given.filter(pl.col(measure).is_not_null()).sort(
            "variant", "profile", "rows", "repetition"
        )
        for (variant, profile), series in taken.group_by("variant", "profile", maintain_order=True):
            for plan, rows, times in plan_runs(series, measure):
                segments.append(
                    _segment(
                        (str(variant), str(profile), measure, plan),
                        rows,
                        times,
                        statistic=statistic,
                        resamples=resamples,
                        seed=seed,
                    )
                )
    return CostCurves(segments=tuple(segments))


def _segment(
    names: tuple[str, str, Measure, str],
    rows: list[int],
    times: list[list[float]],
    *,
    statistic: Literal["mean", "median"],
    resamples: int,
    seed: int,
) -> Segment:
    import numpy as np

    centre = np.mean if statistic == "mean" else np.median
    rng = np.random.default_rng(seed)
    sizes = np.asarray(rows, dtype=float)
    costs = np.array([[centre(each) for each in times]])
    noise = noise_of(times)
    shapes = fit_shapes(sizes, costs, noise=noise)
    best = int(shapes.best()[0])
    fitted = shapes.values(sizes, shapes.best())
    free = max(len(rows) - 2, 1)
    scatter = math.sqrt(float((np.log(costs / np.maximum(fitted, 1e-300)) ** 2).sum()) / free)
    again = np.stack(
        [centre(rng.choice(each, (resamples, len(each))), axis=1) for each in times], axis=1
    )
    again = again * np.exp(rng.normal(0.0, scatter, again.shape))
    variant, profile, measure, plan = names
    return Segment(
        variant=variant,
        profile=profile,
        measure=measure,
        plan_signature=plan,
        first_rows=rows[0],
        last_rows=rows[-1],
        sizes=len(rows),
        family=FAMILIES[best],
        shapes=shapes,
        resampled=fit_shapes(sizes, again, noise=noise),
        seed=seed,
    )
