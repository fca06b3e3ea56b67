"""A grid in the engine gives what the model gives, point by point."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.scale.sweeps import sweep
from workbench.errors import WorkbenchError

LOOP = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 5_000), min_size=1, max_size=3),
    st.lists(st.floats(0, 2), min_size=1, max_size=3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 0.0, 1.0]),
    st.integers(0, 5),
)
def test_every_point_is_the_models_own(
    tis: list[int],
    queries: list[float],
    guard: bool,
    leak: bool,
    position: float | None,
    waiting: int,
) -> None:
    """Whatever guard, leak and place: SQL and Python are one arithmetic."""
    model = LOOP.changed(
        guard=guard,
        leak=leak,
        position=position,
        reschedule_tis=waiting,
        python_seconds_per_ti=0.001,
        round_trip_seconds=0.002,
    )
    cells = sweep(model, {"n_tis": tis, "per_query_seconds": queries}, limit_seconds=120)
    expected = [model.changed(n_tis=n, per_query_seconds=q).seconds() for n in tis for q in queries]
    assert cells["seconds"].to_list() == pytest.approx(expected)
    assert cells["over"].to_list() == [seconds > 120 for seconds in cells["seconds"]]


def test_rows_bring_their_cost_along() -> None:
    """The axis of rows is a curve's frame."""
    curve = pl.DataFrame({"rows": [1_000, 2_000], "value_ms": [1.0, 4.0]})
    cells = sweep(LOOP, {"n_dagruns": [1, 2], "rows": curve}, limit_seconds=5)
    assert cells["seconds"].to_list() == pytest.approx([2, 8, 4, 16])
    assert cells.columns == ["n_dagruns", "rows", "seconds", "over"]


@pytest.mark.parametrize(
    ("axes", "match"),
    [
        ({}, "no axis"),
        ({"size": [1]}, "no input 'size'"),
        ({"n_tis": []}, "is empty"),
        ({"n_tis": [1, math.nan]}, "holds nan"),
        ({"n_dagruns": [0]}, "holds 0.0"),
        ({"n_tis": [-1]}, "holds -1.0"),
        ({"rows": [1, 2]}, "no frame"),
        ({"n_tis": range(1, 3_000), "n_dagruns": range(1, 3_000)}, "8,994,001 points"),
        (
            {"per_query_seconds": [1], "rows": pl.DataFrame({"rows": [1], "value_ms": [1.0]})},
            "Both rows and per_query_seconds",
        ),
    ],
)
def test_impossible_grids_are_refused(axes: dict[str, object], match: str) -> None:
    """Before anything is computed."""
    with pytest.raises(WorkbenchError, match=match):
        sweep(LOOP, axes, limit_seconds=120)  # type: ignore[arg-type]
