"""INV-004 is held against samples, and against what the model expects."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from workbench.analysis.scale.bounds import (
    INV_004,
    TimeBound,
    violated_by_model,
    violated_by_samples,
)
from workbench.analysis.scale.distributions import Uniform
from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.scale.uncertainty import Varying, spread
from workbench.domain.frames import LOOP_SAMPLES
from workbench.errors import WorkbenchError

START = datetime(2026, 2, 10, 6, tzinfo=UTC)


def samples(*seconds: float) -> pl.DataFrame:
    """Loops a minute apart, the latest first."""
    rows = [
        {"at_utc": START + timedelta(minutes=n), "seconds": s, "origin_path": "loops.csv"}
        for n, s in enumerate(seconds)
    ]
    return LOOP_SAMPLES.frame(rows[::-1])  # type: ignore[arg-type]


def test_samples_over_the_limit_are_named() -> None:
    """As long as the limit is within it; violations come in their order of time."""
    found = violated_by_samples(INV_004, samples(119.9, 120.0, 120.1, 13_600))
    assert found["seconds"].to_list() == [120.1, 13_600]
    assert set(found["invariant"]) == {"INV-004"}
    assert set(found["evidence"]) == {"sample"}
    assert violated_by_samples(INV_004, samples(0.76)).is_empty()


def test_bare_samples_are_enough() -> None:
    """Time and duration; where they come from may be unknown."""
    bare = samples(500).select("at_utc", "seconds")
    assert violated_by_samples(INV_004, bare)["origin_path"].to_list() == [None]


@pytest.mark.parametrize(("high", "rows"), [(0.01, 1), (0.001, 0)])
def test_the_models_p95_decides(high: float, rows: int) -> None:
    """380 s at the 95 % quantile violates; 38 s do not."""
    model = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.0)
    varying = Varying(model=model, inputs={"per_query_seconds": Uniform(low=0, high=high)})
    found = violated_by_model(INV_004, spread(varying, 120, draws=10_000))
    assert found.height == rows
    assert found["evidence"].to_list() == ["model"] * rows


@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf])
def test_a_bound_needs_a_time(limit: float) -> None:
    """A limit is a finite time above zero."""
    with pytest.raises(WorkbenchError, match="X has a limit"):
        TimeBound(id="X", statement="It ends.", limit_seconds=limit)
