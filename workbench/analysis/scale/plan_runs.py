"""Measured times made ready for curves: checked, and cut where the plan changes."""

from __future__ import annotations

from typing import Literal, TypeAlias

import polars as pl

from workbench.domain.measurements import MEASUREMENTS
from workbench.errors import WorkbenchError

Measure = Literal["client_ms", "server_ms"]
MEASURES: tuple[Measure, ...] = ("client_ms", "server_ms")
PlanRun: TypeAlias = tuple[str, list[int], list[list[float]]]


def sound(measurements: pl.DataFrame) -> pl.DataFrame:
    """Measurements in their declared columns.

    Raises
    ------
    WorkbenchError
        A time or size is no positive number, or nothing was measured; says which and where.
    """
    there = [name for name in MEASUREMENTS.columns if name in measurements.columns]
    types = {name: MEASUREMENTS.schema[name] for name in there}
    given = MEASUREMENTS.check(measurements.select(there).cast(types))  # type: ignore[arg-type]
    if given.is_empty():
        what = "There is no measurement to fit a curve to."
        raise WorkbenchError(what, todo="Run a ladder of sizes first: workbench lab run SCENARIO.")
    numbers = [pl.col("rows").cast(pl.Float64).fill_null(0.0), *(pl.col(m) for m in MEASURES)]
    for number in numbers:
        name = number.meta.output_name()
        wrong = given.with_row_index("at").filter(~(number.is_finite() & (number > 0)))
        if wrong.height:
            at, value = wrong.row(0, named=True)["at"], wrong[name][0]
            what = f"Measurement {at} has {name} = {value!r} ({wrong.height} such in all)."
            raise WorkbenchError(what, right=f"{name} is a finite number above zero, or null.")
    silent = given.filter(pl.all_horizontal(pl.col(m).is_null() for m in MEASURES))
    if silent.height == given.height:
        what = "No measurement has a time."
        raise WorkbenchError(what, right="Each has server_ms, client_ms or both.")
    return given


def plan_runs(series: pl.DataFrame, measure: Measure) -> list[PlanRun]:
    """Neighbouring sizes with one plan: its signature, the sizes, the times of each size."""
    sizes = series.group_by("rows", maintain_order=True).agg(
        plan=pl.col("plan_signature").fill_null("").mode().sort().first(), times=measure
    )
    cut: list[PlanRun] = []
    for rows, plan, times in sizes.iter_rows():
        if not cut or cut[-1][0] != plan:
            cut.append((plan, [], []))
        cut[-1][1].append(rows)
        cut[-1][2].append(times)
    return cut


def noise_of(times: list[list[float]]) -> float:
    """Relative scatter of repetitions, pooled over the sizes that were measured twice.

    A mean of many is known better, yet sizes are measured at different moments: what else runs on
    the machine moves one size against the next as much as one repetition against another.
    """
    import numpy as np

    scatter = [np.var(np.log(each), ddof=1) for each in times if len(each) > 1]
    return float(np.sqrt(np.mean(scatter))) if scatter else 0.0
