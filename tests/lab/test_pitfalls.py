"""Pitfalls: each is named where it is, with figures, and not where it is not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from workbench.lab.frames import MEASUREMENTS, PLANS
from workbench.lab.pitfalls import find_pitfalls
from workbench.lab.scenarios import read_scenario

LOOKUP = read_scenario("task-reschedule-lookup")
WALK = "Limit(Index Scan Backward rows_pkey(filter))"
GOOD = "Limit(Index Scan lab_composite)"
USUAL: dict[str, Any] = {
    "rows": 900_000,
    "rows_per_key": 100,
    "variant": "none",
    "profile": "miss",
    "plan_signature": GOOD,
    "generic_signature": GOOD,
    "uses_index": True,
    "returned": 0,
    "removed": 0,
    "buffers": 4,
    "buffers_read": 0,
    "cost": 8.0,
    "trigger_ms": 0.0,
    "plan": "{}",
}


def _plans(*rows: dict[str, Any]) -> pl.DataFrame:
    return PLANS.frame([{**USUAL, **row} for row in rows])


def _times(*cells: tuple[int, str, str, float | None, float]) -> pl.DataFrame:
    names = ("rows", "variant", "profile", "server_ms", "client_ms")
    rows = [dict(zip(names, cell, strict=True)) for cell in cells]
    usual = {"scenario": "s", "engine": "postgresql", "rows_per_key": 100, "repetition": 0}
    return MEASUREMENTS.frame([{**usual, **row} for row in rows])


def _kinds(plans: pl.DataFrame, times: pl.DataFrame | None = None) -> list[tuple[str, str]]:
    measured = times if times is not None else MEASUREMENTS.empty()
    return [(p.kind, p.variant) for p in find_pitfalls(LOOKUP, measured, plans)]


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        ({}, []),
        (
            {"plan_signature": WALK, "generic_signature": WALK, "removed": 900_002},
            ["filtered-walk"],
        ),
        (
            {"plan_signature": "Seq Scan t", "generic_signature": "Seq Scan t", "removed": 9_000},
            ["filtered-scan"],
        ),
        ({"removed": 999}, []),
        ({"removed": 900_000, "returned": 899}, ["filtered-walk"]),
        ({"removed": 900_000, "returned": 1_000}, []),
        ({"variant": "plain", "uses_index": False}, ["ignored-index"]),
        ({"variant": "none", "uses_index": False}, []),
        (
            {"plan_signature": f"{GOOD} + trigger k", "trigger_ms": 189.8},
            ["foreign-key-scan"],
        ),
        ({"plan_signature": f"{GOOD} + trigger k", "trigger_ms": 0.3}, []),
        ({"generic_signature": WALK}, ["prepared-plan"]),
        ({"generic_signature": None}, []),
        ({"profile": "recent", "removed": 900_000}, []),
    ],
)
def test_a_plan_shows_its_traps(row: dict[str, Any], kinds: list[str]) -> None:
    """Rows thrown away, an index that is passed over, triggers, and generic plans."""
    assert [kind for kind, _ in _kinds(_plans(row))] == kinds


def test_a_walk_says_how_early_it_hoped_to_stop() -> None:
    """A Limit that costs a hundredth of its child was a hope that a miss cannot fulfil."""
    row = {"plan_signature": WALK, "generic_signature": WALK, "removed": 900_002}
    (found,) = find_pitfalls(LOOKUP, MEASUREMENTS.empty(), _plans({**row, "hoped_share": 0.01}))
    assert "900,002 rows" in found.text
    assert "1.0% of the walk" in found.text


def test_the_largest_size_that_shows_it_is_named() -> None:
    """A trap that goes away higher up is still told, at the last size that had it."""
    bad = {"variant": "plain", "uses_index": False, "plan_signature": WALK}
    plans = _plans(
        {**bad, "rows": 30_000, "generic_signature": WALK},
        {**bad, "rows": 300_000, "generic_signature": WALK},
        {"variant": "plain", "rows": 3_000_000},
    )
    found = {p.kind: p.rows for p in find_pitfalls(LOOKUP, MEASUREMENTS.empty(), plans)}
    assert found == {"ignored-index": 300_000, "plan-change": 3_000_000}


def test_hits_and_misses_are_told_apart() -> None:
    """Ten times is a trap, nine is not."""
    far = _times((9, "none", "miss", None, 127.0), (9, "none", "recent", None, 0.4))
    near = _times((9, "none", "miss", None, 3.6), (9, "none", "recent", None, 0.4))
    assert _kinds(PLANS.empty(), far) == [("hit-versus-miss", "none")]
    assert _kinds(PLANS.empty(), near) == []


def test_the_planners_cost_is_held_against_the_clock() -> None:
    """78 times by cost and 8,715 by the clock is told; on SQLite there is neither."""
    plans = _plans({"cost": 624.0}, {"variant": "composite", "cost": 8.0})
    slow, fast = (900_000, "none", "miss"), (900_000, "composite", "miss")
    times = _times((*slow, 183.0, 164.0), (*fast, 0.021, 0.118))
    assert _kinds(plans, times) == [("cost-understates", "none")]
    assert _kinds(plans, _times((*slow, None, 164.0), (*fast, None, 0.118))) == []
