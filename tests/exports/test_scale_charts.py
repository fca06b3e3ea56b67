"""Charts of the scale models draw offline and say in words what they show."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.analysis.scale.cost_curves import CURVE
from workbench.analysis.scale.inverse import EXPLANATIONS
from workbench.analysis.scale.sensitivity import TORNADO
from workbench.exports.charts import cost_curves, loop_curve, phase_map, posterior, svg, tornado
from workbench.exports.charts.style import Drawing
from workbench.lab.frames import PHASES
from workbench.shipped_files import shipped

FIXTURES = shipped("fixtures") / "measurements"


def curves() -> Drawing:
    """Two variants, one of them beyond its data."""
    rows: list[dict[str, object]] = [
        {
            "variant": variant,
            "profile": "miss",
            "rows": n,
            "value_ms": cost * n,
            "low_ms": 0.0,
            "high_ms": 2 * cost * n,
            "beyond_data": max(1.0, n / 10_000),
            "family": "linear",
        }
        for variant, cost in (("none", 1e-3), ("composite", 1e-6))
        for n in (1_000, 10_000, 100_000)
    ]
    measured = pl.DataFrame({"variant": ["none"], "rows": [1_000], "client_ms": [1.1]})
    return cost_curves(CURVE.frame(rows), budget_ms=3.0, measured=measured)


def swings() -> Drawing:
    """One input that matters, one that does not."""
    rows: list[dict[str, object]] = [
        {
            "input": name,
            "stated": "uniform",
            "low_seconds": low,
            "middle_seconds": 100.0,
            "high_seconds": high,
            "swing_seconds": high - low,
        }
        for name, low, high in (("n_tis", 0.0, 900.0), ("position", 99.0, 101.0))
    ]
    return tornado(TORNADO.frame(rows), limit_seconds=120)


def phases() -> Drawing:
    """Two by two cells, one of them over."""
    grid = {"n_tis": [1, 1, 2, 2], "rows": [1, 2, 1, 2], "over": [False, False, False, True]}
    return phase_map(pl.DataFrame(grid), x="rows", y="n_tis")


def plan_phases() -> Drawing:
    """The recorded map of plans: a knife's edge from 10,000 rows x 30 a key on."""
    recorded = pl.read_parquet(FIXTURES / "task-reschedule-lookup-phases.parquet")
    usual = PHASES.check(recorded).filter(pl.col("settings").str.contains("page_cost=4 "))
    cells = usual.with_columns(ignored=~pl.col("used"))
    return phase_map(cells, x="rows", y="rows_per_key", over="ignored", words=("used", "ignored"))


def explained() -> Drawing:
    """A loop of 380 s, or a stuck one."""
    rows: list[dict[str, object]] = [
        {"loop_seconds": 380.0, "start_seconds": 30.0, "probability": 0.6},
        {"loop_seconds": float("inf"), "start_seconds": 450.0, "probability": 0.4},
    ]
    return posterior(EXPLANATIONS.frame(rows))


def loop() -> Drawing:
    """A loop that is over its limit."""
    sizes = {"n_tis": [10.0, 100.0], "value_seconds": [1.0, 10.0]}
    edges = {"low_seconds": [0.0, 8.0], "high_seconds": [2.0, 12.0]}
    return loop_curve(pl.DataFrame(sizes | edges), limit_seconds=5, at=(100, 10.0))


@pytest.mark.parametrize(
    ("chart", "said", "drawn"),
    [
        (curves, "none: 100 ms at 100,000 rows; composite: 0.1 ms", "a query may take 3 ms"),
        (swings, "n_tis moves it most, from 0 to 900 s", "limit 120 s"),
        (phases, "1 of 4 combinations of rows and n_tis: over the limit", "within the limit"),
        (plan_phases, "11 of 30 combinations of rows and rows_per_key: ignored", "used"),
        (explained, "The likeliest loop is 380 s with 60%", "stuck"),
        (loop, "At 100 it takes 10 s", "limit 5 s"),
    ],
)
def test_each_chart_says_what_it_shows(chart: object, said: str, drawn: str) -> None:
    """Words for who cannot see it, and labels in the drawing."""
    assert callable(chart)
    made = chart()
    assert said in made.to_dict()["description"]
    image = svg(made)
    assert image.startswith("<svg")
    assert drawn in image
    assert "NaN" not in image
