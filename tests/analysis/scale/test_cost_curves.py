"""Curves keep to one plan, know how sure they are, and say how far beyond the data they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.scale.cost_curves import CURVE, CostCurves, fit_curves, spaced
from workbench.domain.measurements import MEASUREMENTS
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.shipped_files import shipped

SIZES = (1_000, 3_000, 9_000, 30_000, 90_000, 300_000, 900_000, 3_000_000)
RECORDED = shipped("fixtures") / "measurements" / "task-reschedule-lookup.parquet"


def measured(
    cost: Callable[[float], float],
    *,
    plan: Callable[[int], str] = lambda n: "one",
    sizes: tuple[int, ...] = SIZES,
    scatter: tuple[float, ...] = (0.97, 1.0, 1.03),
) -> pl.DataFrame:
    """Measurements of one variant whose repetitions scatter in a known way."""
    rows: list[dict[str, Any]] = [
        {
            "variant": "none",
            "profile": "miss",
            "rows": n,
            "plan_signature": plan(n),
            "client_ms": cost(n) * factor,
            "repetition": at,
        }
        for n in sizes
        for at, factor in enumerate(scatter)
    ]
    return MEASUREMENTS.frame(rows)


@pytest.mark.parametrize(
    ("family", "cost"),
    [
        ("constant", lambda n: 0.02),
        ("log", lambda n: 0.01 + 0.02 * math.log(n / 1_000)),
        ("linear", lambda n: 0.01 + 2.6e-5 * n),
        ("n log n", lambda n: 1e-6 * n * math.log(n)),
        ("power", lambda n: 1e-7 * n**1.5),
    ],
)
def test_the_shape_is_found_and_goes_on(family: str, cost: Callable[[float], float]) -> None:
    """Each family is told from the others, and is right ten times beyond the data."""
    curves = fit_curves(measured(cost))
    assert curves.frame()["family"].to_list() == [family]
    beyond = curves.predict(30_000_000, variant="none")
    assert beyond.value_ms == pytest.approx(cost(30_000_000), rel=0.05)
    assert beyond.low_ms <= beyond.value_ms <= beyond.high_ms
    assert beyond.beyond_data == pytest.approx(10)


def test_a_plan_change_cuts_the_curve() -> None:
    """A sequential scan and a walk of the key: two segments, and a wide band between them."""
    curves = fit_curves(
        measured(
            lambda n: 2.6e-5 * n if n < 20_000 else 1.9e-4 * n,
            plan=lambda n: "scan" if n < 20_000 else "walk",
        )
    )
    ends = curves.frame().select("plan_signature", "first_rows", "last_rows", "family").rows()
    assert ends == [("scan", 1_000, 9_000, "linear"), ("walk", 30_000, 3_000_000, "linear")]
    before, between, after = (curves.predict(n, variant="none") for n in (9_000, 16_000, 30_000))
    assert before.value_ms == pytest.approx(0.234, rel=0.03)
    assert after.value_ms == pytest.approx(5.7, rel=0.03)
    assert between.low_ms == pytest.approx(0.416, rel=0.2)
    assert between.high_ms == pytest.approx(3.04, rel=0.2)
    assert between.beyond_data == 1.0


def test_few_sizes_make_a_wide_band() -> None:
    """Two sizes do not tell shapes apart: the band beyond them holds what each would say."""
    narrow = fit_curves(measured(lambda n: 1e-4 * n)).predict(9_000_000, variant="none")
    wide = fit_curves(measured(lambda n: 1e-4 * n + 0.2, sizes=(1_000, 3_000))).predict(
        9_000, variant="none"
    )
    assert narrow.high_ms / narrow.low_ms < 1.2
    assert wide.high_ms / wide.low_ms > 1.2


@pytest.mark.parametrize("count", [3, 4, 5, 6, 8])
@pytest.mark.parametrize("unsteady", [0.0, 0.1, 0.3])
def test_what_grows_thirtyfold_is_not_constant(count: int, unsteady: float) -> None:
    """However few sizes there are, and however unlike the moments that they were measured at."""
    sizes = tuple(round(13_000 * 30 ** (n / (count - 1))) for n in range(count))
    for turn in range(4):
        moods = {n: 1 + unsteady * math.sin(5 * at + turn) for at, n in enumerate(sizes)}
        curves = fit_curves(measured(lambda n, m=moods: 2e-4 * n * m[n], sizes=sizes), resamples=2)
        assert curves.frame()["family"].to_list() != ["constant"]
        beyond = curves.predict(1_000_000, variant="none").value_ms
        assert beyond == pytest.approx(200, rel=0.25 + 2 * unsteady)


def test_rows_and_seconds_are_inverse() -> None:
    """The most rows within a time take just that time."""
    curve = fit_curves(measured(lambda n: 2e-4 * n)).of(variant="none")
    assert curve.rows_within(0.003) == pytest.approx(15_000, rel=0.02)
    assert curve.rows_within(1e-5) is None
    assert fit_curves(measured(lambda n: 0.02)).of(variant="none").rows_within(1.0) == math.inf


@settings(max_examples=25, deadline=None)
@given(
    st.floats(1e-3, 1e3),
    st.floats(0, 1.5),
    st.floats(1, 1e9),
    st.integers(0, 3),
)
def test_a_band_holds_its_value(scale: float, power: float, rows: float, seed: int) -> None:
    """Whatever was measured: low <= value <= high, beyond_data >= 1, costs are finite."""
    curves = fit_curves(measured(lambda n: scale * (n / 1_000) ** power), resamples=20, seed=seed)
    found = curves.predict(rows, variant="none")
    assert 0 <= found.low_ms <= found.value_ms <= found.high_ms < math.inf
    assert found.beyond_data >= 1


def test_the_same_seed_gives_the_same_band() -> None:
    """No hidden chance."""
    given_rows = measured(lambda n: 1e-4 * n, scatter=(0.5, 1.0, 1.5))
    first, second = (fit_curves(given_rows, seed=3).predict(2_000, variant="none") for _ in "ab")
    assert first == second


@pytest.fixture(scope="module")
def recorded() -> CostCurves:
    """Curves of the recorded PostgreSQL ladder without its largest size."""
    smaller = pl.read_parquet(RECORDED).filter(pl.col("rows") < 900_000)
    return fit_curves(smaller, statistic="median")


@pytest.mark.parametrize("variant", ["none", "plain", "composite"])
def test_the_held_out_size_is_predicted_within_a_quarter(
    recorded: CostCurves, variant: str
) -> None:
    """A recorded ladder up to 300,000 rows says what 900,000 cost at the client."""
    largest = pl.read_parquet(RECORDED).filter(profile="miss", rows=900_000, variant=variant)
    found = recorded.predict(900_000, variant=variant)
    assert found.value_ms == pytest.approx(largest["client_ms"].median(), rel=0.25)
    assert found.beyond_data == pytest.approx(3.0)


def test_a_curve_is_a_declared_frame(recorded: CostCurves) -> None:
    """Many sizes at once, columns as declared."""
    drawn = recorded.curve(spaced(500, 5e6), variant="none", measure="server_ms")
    assert CURVE.check(drawn).height == 60
    assert drawn["beyond_data"].to_numpy().min() == 1.0


@pytest.mark.parametrize(
    ("column", "value"),
    [("rows", 0), ("rows", None), ("client_ms", -1.0), ("client_ms", math.nan), ("server_ms", 0.0)],
)
def test_impossible_measurements_are_named(column: str, value: float | None) -> None:
    """Which one, and how many of them."""
    bad = measured(lambda n: 1.0).with_columns(
        pl.when(pl.int_range(pl.len()) == 4)
        .then(pl.lit(value, MEASUREMENTS.schema[column]))
        .otherwise(column)
        .alias(column)
    )
    with pytest.raises(WorkbenchError, match=rf"Measurement 4 has {column} = .*1 such"):
        fit_curves(bad)


def test_nothing_measured_and_nothing_known() -> None:
    """No rows, no times, a missing column, an unknown curve, no number of rows."""
    whole = measured(lambda n: 1.0)
    with pytest.raises(WorkbenchError, match="no measurement"):
        fit_curves(whole.clear())
    with pytest.raises(WorkbenchError, match="No measurement has a time"):
        fit_curves(whole.with_columns(client_ms=pl.lit(None, pl.Float64)))
    with pytest.raises(WorkbenchError, match="rows is missing"):
        fit_curves(whole.drop("rows"))
    curves = fit_curves(whole)
    with pytest.raises(UnknownNameError, match="There are: none/miss/client_ms"):
        curves.predict(10, variant="composite")
    with pytest.raises(WorkbenchError, match="no number of rows"):
        curves.predict(math.nan, variant="none")
