"""Draws, Sobol indices and swings agree with what can be computed otherwise."""

from __future__ import annotations

import math
import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.scale.distributions import (
    Distribution,
    LogNormal,
    LogUniform,
    Observed,
    Triangular,
    Uniform,
    read_distribution,
)
from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.scale.sensitivity import sobol, tornado
from workbench.analysis.scale.uncertainty import Varying, spread
from workbench.errors import UnknownNameError, WorkbenchError

LOOP = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
RESEARCH: dict[str, Distribution] = {
    "per_query_seconds": LogUniform(low=0.01, high=0.5),
    "calls_per_ti": Uniform(low=0.1, high=2.0),
    "python_seconds_per_ti": Triangular(low=0.0005, mode=0.00075, high=0.1),
    "round_trip_seconds": LogNormal(median=0.01, p95=0.05),
}


def test_quantiles_of_a_product_are_exact() -> None:
    """One uniform input: the loop's quantiles are the input's, times what it is multiplied by."""
    varying = Varying(model=LOOP, inputs={"per_query_seconds": Uniform(low=0.0, high=0.01)})
    found = spread(varying, 120, draws=200_000)
    assert found.p50_seconds == pytest.approx(200, rel=0.01)
    assert found.p95_seconds == pytest.approx(380, rel=0.01)
    assert found.p99_seconds == pytest.approx(396, rel=0.01)
    assert found.chance_over == pytest.approx(0.7, abs=0.005)
    assert found.chance_over_low < found.chance_over < found.chance_over_high
    assert found.stated == {"per_query_seconds": "uniform from 0 to 0.01"}
    assert found == spread(varying, 120, draws=200_000)


@pytest.mark.parametrize("distribution", [*RESEARCH.values(), Observed(values=(3, 1, 2, 2))])
def test_a_distribution_rises_within_its_bounds(distribution: Distribution) -> None:
    """Quantiles rise; words name the numbers."""
    at = distribution.at(np.linspace(0.001, 0.999, 500))
    assert (np.diff(at) >= 0).all()
    assert (at >= 0).all()
    assert any(sign.isdigit() for sign in distribution.says())


@given(st.floats(1e-3, 1e3), st.floats(1, 100))
def test_a_log_normal_has_its_median_and_its_p95(median: float, factor: float) -> None:
    """The two numbers that state it are the two that it has."""
    at = LogNormal(median=median, p95=median * factor).at(np.array([0.5, 0.95]))
    assert at == pytest.approx([median, median * factor], rel=1e-9)


def test_sobol_indices_are_those_of_salib() -> None:
    """Within 0.01 of an independent implementation, on four inputs of four kinds."""
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sample

    varying = Varying(model=LOOP, inputs=RESEARCH)
    ours = {row["input"]: row for row in sobol(varying, base_samples=2**14).to_dicts()}
    problem = {"num_vars": 4, "names": list(RESEARCH), "bounds": [[0, 1]] * 4}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shares = sample.sample(problem, 2**14, calc_second_order=False, seed=1)
        theirs = analyse.analyze(
            problem,
            varying.seconds(shares.clip(1e-9, 1 - 1e-9)),
            calc_second_order=False,
            num_resamples=2,
            seed=1,
        )
    for at, name in enumerate(RESEARCH):
        assert ours[name]["first_order"] == pytest.approx(theirs["S1"][at], abs=0.01)
        assert ours[name]["total"] == pytest.approx(theirs["ST"][at], abs=0.01)


def test_sobol_indices_of_a_sum_are_known() -> None:
    """Python and round trips add up: no interactions, shares by the squares of their ranges."""
    still = LOOP.changed(per_query_seconds=0.0)
    varying = Varying(
        model=still,
        inputs={
            "python_seconds_per_ti": Uniform(low=0, high=3.0),
            "round_trip_seconds": Uniform(low=0, high=1.0),
        },
    )
    found = sobol(varying, base_samples=4_096)
    assert found["input"].to_list() == ["python_seconds_per_ti", "round_trip_seconds"]
    assert found["first_order"].to_list() == pytest.approx([0.9, 0.1], abs=0.005)
    assert found["total"].to_list() == pytest.approx([0.9, 0.1], abs=0.005)


def test_what_does_not_vary_matters_nothing() -> None:
    """A loop that is always the same has no variance to divide."""
    varying = Varying(model=LOOP, inputs={"per_query_seconds": Uniform(low=0.1, high=0.1)})
    assert sobol(varying, base_samples=64).select("first_order", "total").row(0) == (0, 0)


def test_swings_go_from_quantile_to_quantile() -> None:
    """The others stand at their median; the widest comes first."""
    inputs = {
        "per_query_seconds": Uniform(low=0.0, high=0.01),
        "n_dagruns": Uniform(low=10, high=20),
    }
    found = tornado(Varying(model=LOOP, inputs=inputs))
    assert found["input"].to_list() == ["per_query_seconds", "n_dagruns"]
    first = found.row(0, named=True)
    assert first["middle_seconds"] == pytest.approx(15 * 2_000 * 0.005, rel=0.1)
    assert first["high_seconds"] / first["low_seconds"] == pytest.approx(19)
    assert found["swing_seconds"].is_sorted(descending=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(low=2, high=1),
        lambda: Uniform(low=-1, high=1),
        lambda: LogUniform(low=0, high=1),
        lambda: Triangular(low=0, mode=3, high=2),
        lambda: LogNormal(median=2, p95=math.inf),
        lambda: Observed(values=()),
        lambda: Observed(values=(math.nan,)),
        lambda: read_distribution("uniform:1"),
        lambda: read_distribution("uniform:1:x"),
        lambda: read_distribution("gauss:1:2"),
        lambda: Varying(model=LOOP, inputs={}),
        lambda: sobol(Varying(model=LOOP, inputs=RESEARCH), base_samples=1_000),
        lambda: spread(Varying(model=LOOP, inputs=RESEARCH), 120, draws=0),
    ],
)
def test_impossible_distributions_are_refused(make: object) -> None:
    """With what would be right."""
    assert callable(make)
    with pytest.raises(WorkbenchError, match=r"Write|Its values|at least one|Give|balanced|Draw"):
        make()


def test_unknown_inputs_are_listed() -> None:
    """Rows vary only where a curve says what they cost."""
    with pytest.raises(UnknownNameError, match="Inputs are: n_tis"):
        Varying(model=LOOP, inputs={"size": Uniform(low=1, high=2)})
    with pytest.raises(UnknownNameError, match="Give a curve"):
        Varying(model=LOOP, inputs={"rows": Uniform(low=1, high=2)})


def test_rows_vary_along_a_curve() -> None:
    """What a query costs follows from the rows that are drawn."""
    from tests.analysis.scale.test_cost_curves import measured
    from workbench.analysis.scale.cost_curves import fit_curves

    curve = fit_curves(measured(lambda n: 1e-4 * n)).of(variant="none")
    varying = Varying(model=LOOP, inputs={"rows": Observed(values=(10_000, 20_000))}, curve=curve)
    taken = varying.seconds(np.array([[0.1], [0.9]]))
    assert taken == pytest.approx([40_000 * 1e-3, 40_000 * 2e-3], rel=0.03)
    assert isinstance(spread(varying, 120, draws=100).frame(), pl.DataFrame)
