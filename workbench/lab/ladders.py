"""One size of a ladder: filled, then measured with no index and with each candidate."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.errors import LabError
from workbench.lab.databases import Database, Values
from workbench.lab.frames import BUILDS, MEASUREMENTS, PLANS
from workbench.lab.plans import Plan
from workbench.lab.scenarios import MOST_ROWS, NONE, Index, Scenario
from workbench.lab.statements import Numbers, index_name

LEAST_REPETITIONS, MOST_REPETITIONS = 3, 21
CELL_SECONDS = 2.0
WRITTEN_SHARE, MOST_WRITTEN = 0.02, 5_000
SMALLEST = 1_000
SIZES = 10
"""Enough that the last plan, which goes on beyond the data, has six: fewer tell no shapes apart."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one size gave: frames as declared in :mod:`workbench.lab.frames`."""

    measurements: pl.DataFrame
    plans: pl.DataFrame
    builds: pl.DataFrame


def sizes(top: int, *, count: int = SIZES) -> tuple[int, ...]:
    """Sizes of a ladder up to ``top``, evenly spaced by their logarithm."""
    checked_rows([top])
    low = min(SMALLEST, top)
    if count < 1:
        what = f"A ladder has {count} sizes."
        raise LabError(what, right="It has one or more.")
    steps = [low * (top / low) ** (n / (count - 1)) for n in range(count - 1)]
    return tuple(sorted({*(min(top, _rounded(step)) for step in steps), top}))


def _rounded(value: float) -> int:
    """A number that is easy to read: two digits that count."""
    power: int = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return max(1, round(value / power) * power)


def checked_rows(rows: Sequence[object]) -> tuple[int, ...]:
    """Return the sizes in order.

    Raises
    ------
    LabError
        There is none, or one of them is no whole number, or too small or too large.
    """
    wrong = [
        repr(n)
        for n in rows
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_ROWS
    ]
    if wrong or not rows:
        what = f"No ladder has these rows: {', '.join(wrong) or 'none at all'}."
        raise LabError(what, right=f"Rows are whole numbers from 1 to {MOST_ROWS:,}.")
    return tuple(sorted({int(str(n)) for n in rows}))


def measure_size(
    database: Database,
    scenario: Scenario,
    numbers: Numbers,
    *,
    profiles: Sequence[str],
    cell_seconds: float = CELL_SECONDS,
) -> Measured:
    """Fill the tables once, and measure every variant on them."""
    measured: list[Row] = []
    plans: list[Row] = []
    builds: list[Row] = []
    begun = time.perf_counter()
    database.fill(scenario, numbers)
    fill_seconds = time.perf_counter() - begun
    written = min(MOST_WRITTEN, max(1, int(numbers.rows * WRITTEN_SHARE)))
    for index in (None, *scenario.indexes):
        variant = index.name if index else NONE
        seconds, size = database.add_index(index, scenario.table) if index else (None, None)
        at: Row = {"rows": numbers.rows, "rows_per_key": numbers.rows_per_key, "variant": variant}
        for profile in profiles:
            cell = {**at, "profile": profile}
            rows, plan = _cell(database, scenario, numbers, profile, cell_seconds)
            head = {
                "scenario": scenario.id,
                "engine": database.label,
                "row_order": scenario.fill.order,
            }
            measured += [{**cell, **head, **row} for row in rows]
            plans.append({**cell, **plan, "uses_index": _uses(index, plan)})
        builds.append(
            {
                **at,
                "fill_seconds": fill_seconds,
                "build_seconds": seconds,
                "index_bytes": size,
                "insert_rows": written,
                "insert_ms": database.write_cost(scenario, numbers, written),
                "load_average": _load(),
            }
        )
        if index:
            database.drop_index(index)
    return Measured(
        measurements=MEASUREMENTS.check(MEASUREMENTS.frame(measured)),
        plans=PLANS.check(PLANS.frame(_without_names(plans))),
        builds=BUILDS.check(BUILDS.frame(builds)),
    )


def _cell(
    database: Database, scenario: Scenario, numbers: Numbers, profile: str, seconds: float
) -> tuple[list[Row], Row]:
    """One variant under one profile: warm, the client's and the server's time apart."""
    values = [_values(database, scenario, numbers, profile, n) for n in range(MOST_REPETITIONS)]
    warm = database.timed(scenario, values[0]) / 1000
    count = int(seconds / 2 / max(warm, 1e-6))
    count = max(LEAST_REPETITIONS, min(MOST_REPETITIONS, count))
    # in turn, so that what else the machine does meets the client's time as it meets the server's
    taken = [
        (database.timed(scenario, each), database.explain(scenario, each, analyze=True))
        for each in values[:count]
    ]
    generic = database.generic_plan(scenario, values[0])
    rows: list[Row] = [
        {
            "repetition": n,
            "server_ms": plan.server_ms,
            "client_ms": took,
            "plan_signature": plan.signature,
        }
        for n, (took, plan) in enumerate(taken)
    ]
    return rows, _plan_row(taken[-1][1], generic)


def _plan_row(plan: Plan, generic: Plan | None) -> Row:
    return {
        "plan_signature": plan.signature,
        "generic_signature": generic.signature if generic else None,
        "returned": plan.returned,
        "removed": plan.removed,
        "buffers": plan.buffers,
        "buffers_read": plan.buffers_read,
        "cost": plan.cost,
        "hoped_share": plan.hoped_share,
        "trigger_ms": plan.trigger_ms,
        "plan": plan.text,
        "indexes": plan.indexes,
    }


def _uses(index: Index | None, plan: Row) -> bool:
    indexes = plan["indexes"]
    assert isinstance(indexes, tuple)
    return index is not None and index_name(index) in indexes


def _without_names(rows: list[Row]) -> list[Row]:
    return [{key: value for key, value in row.items() if key != "indexes"} for row in rows]


def _values(
    database: Database, scenario: Scenario, numbers: Numbers, profile: str, repetition: int
) -> Values:
    """Parameters of one repetition; a mixed profile takes its parts in turn."""
    found: Any = scenario.profiles[profile]
    if isinstance(found, tuple):
        found = scenario.profiles[found[repetition % len(found)]]
    return database.values(found, numbers, repetition)


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None
