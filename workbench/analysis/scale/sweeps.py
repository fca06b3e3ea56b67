"""The loop model over a whole grid of inputs, computed in the engine that detectors run in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

from workbench.analysis.query_limits import Limits
from workbench.analysis.scale import arithmetic
from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.sql import run_query
from workbench.errors import UnknownNameError, WorkbenchError

Axis: TypeAlias = Sequence[float] | pl.DataFrame
MOST_POINTS = 5_000_000
LIMITS = Limits(rows=MOST_POINTS, result_bytes=1 << 30, seconds=60.0)
FOLLOWS = "rows"
"""The one axis that is no input itself: its frame says what a query costs at each number."""


def sweep(model: LoopModel, axes: Mapping[str, Axis], *, limit_seconds: float) -> pl.DataFrame:
    """Ask the loop model at every point of a grid.

    Parameters
    ----------
    model : LoopModel
        Gives the inputs that are no axis.
    axes : mapping
        Input name -> its values. The axis ``rows`` is a frame with the columns ``rows`` and
        ``value_ms``, as a fitted curve gives it: what a query costs follows from it.
    limit_seconds : float
        Seconds that a loop may take.

    Returns
    -------
    polars.DataFrame
        A column for each axis, then ``seconds`` and ``over``; the last axis varies fastest.

    Raises
    ------
    WorkbenchError
        An axis is unknown, empty or holds an impossible number, or there are too many points.
    """
    frames = {name: _axis(name, values) for name, values in axes.items()}
    points = math.prod(frame.height for frame in frames.values())
    if not axes or points > MOST_POINTS:
        what = f"A grid of {points:,} points is not computed." if axes else "A grid has no axis."
        raise WorkbenchError(what, right=f"At least one axis, at most {MOST_POINTS:,} points.")
    if FOLLOWS in axes and "per_query_seconds" in axes:
        what = "Both rows and per_query_seconds are axes."
        raise WorkbenchError(what, right="One of them: what a query costs follows from the rows.")
    known = model.values()
    here = {f"axis_{n}": frame.with_row_index("at") for n, frame in enumerate(frames.values())}
    swept = {name: f"axis_{n}.{name}" for n, name in enumerate(frames)}
    if FOLLOWS in axes:
        swept["per_query_seconds"] = f"axis_{list(frames).index(FOLLOWS)}.per_query_seconds"
    terms = {
        name: swept.get(name, "NULL" if value is None else f"{float(value)!r}::DOUBLE")
        for name, value in known.items()
    }
    shown = ", ".join(f"{swept[name]} AS {name}" for name in axes)
    seconds = _formula(terms, model, anywhere=known["position"] is None and "position" not in axes)
    place, size = "0", 1
    for axis, frame in reversed(list(here.items())):
        place, size = f"{place} + {axis}.at::BIGINT * {size}", size * frame.height
    sql = (
        f"SELECT {place} AS at, {shown}, {seconds} AS seconds,"
        f" {seconds} > {float(limit_seconds)!r} AS over FROM {', '.join(here)}"
    )
    cells = run_query(sql, {}, extra=here, limits=LIMITS, path="sweep")
    # the engine's own ORDER BY takes three times as long as all the rest
    return (cells if cells["at"].is_sorted() else cells.sort("at")).drop("at")


def _formula(terms: Mapping[str, str], model: LoopModel, *, anywhere: bool) -> str:
    """The arithmetic of :mod:`workbench.analysis.scale.arithmetic`, as SQL; a test compares."""
    n, k = terms["n_tis"], terms["reschedule_tis"]
    waiting = f"least({k}, {n})"
    if model.guard or not model.leak:
        asking = waiting
    elif anywhere:
        asking = f"({waiting} + ({n} - {waiting}) * {waiting} / ({waiting} + 1))"
    else:
        asking = f"(greatest({n} - {terms['position']}, 0) * ({waiting} > 0)::INTEGER)"
    query = f"({terms['per_query_seconds']} + {terms['round_trip_seconds']})"
    python = f"{n} * {terms['python_seconds_per_ti']}"
    return f"{terms['n_dagruns']} * ({python} + {asking} * {terms['calls_per_ti']} * {query})"


def _axis(name: str, values: Axis) -> pl.DataFrame:
    if name not in (*arithmetic.INPUTS, FOLLOWS):
        what = f"The loop model has no input {name!r}."
        raise UnknownNameError(
            what, right=f"Inputs are: {', '.join((*arithmetic.INPUTS, FOLLOWS))}."
        )
    if isinstance(values, pl.DataFrame) != (name == FOLLOWS):
        what = f"The axis {name} is {'a frame' if name != FOLLOWS else 'no frame'}."
        raise WorkbenchError(what, right="Only rows is a frame, with rows and value_ms.")
    if isinstance(values, pl.DataFrame):
        made = values.select("rows", per_query_seconds=pl.col("value_ms") / 1000.0)
    else:
        made = pl.DataFrame({name: [float(value) for value in values]})
    least = pl.all() > 0 if name in ("n_dagruns", FOLLOWS) else pl.all() >= 0
    numbers = pl.all_horizontal((pl.all().is_finite() & least).fill_null(value=False))
    wrong = made.cast(pl.Float64).filter(~numbers)
    if made.is_empty() or wrong.height:
        said = f"holds {wrong.row(0)[0]!r}" if wrong.height else "is empty"
        right = "Every value is a finite number, zero or more; runs and rows are above zero."
        raise WorkbenchError(f"The axis {name} {said}.", right=right)
    return made
