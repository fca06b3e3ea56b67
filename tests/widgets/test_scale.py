"""The explorer's state follows what is moved; its view only shows it and hands moves on."""

from __future__ import annotations

import math

import pytest

from workbench.analysis.scale.cost_curves import CostCurves, fit_curves
from workbench.domain.measurements import MEASUREMENTS
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.widgets.scale_state import ScaleState
from workbench.widgets.scale_view import ScaleExplorer


@pytest.fixture(scope="module")
def curves() -> CostCurves:
    """A scan of 0.2 us a row, and an index of 0.02 ms."""
    cost = {"none": lambda n: 2e-4 * n, "composite": lambda n: 0.02}
    rows = [
        {
            "variant": variant,
            "profile": "miss",
            "rows": n,
            "plan_signature": variant,
            "client_ms": of(n),
            "repetition": 0,
        }
        for variant, of in cost.items()
        for n in (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
    ]
    return fit_curves(MEASUREMENTS.frame(rows))


def test_it_begins_with_the_incident() -> None:
    """13,600 s and 3 ms, without a screen."""
    state = ScaleState()
    assert state.seconds == pytest.approx(13_600)
    assert state.budget_ms == pytest.approx(3.0)
    assert "over the limit of 120 s" in state.says()


def test_the_time_follows_the_rows_until_it_is_set(curves: CostCurves) -> None:
    """Rows and index give the time; setting the time takes over, moving rows gives it back."""
    state = ScaleState(curves=curves)
    assert state.variants == ("none", "composite")
    assert state.values["per_query_seconds"] == pytest.approx(0.18, rel=0.02)
    assert state.beyond_data == pytest.approx(3.0)
    assert "3 times beyond" in state.says()
    state.move(variant="composite", n_dagruns=10)
    assert state.seconds == pytest.approx(2_000 * 10 * 2e-5, rel=0.02)
    state.move(per_query_seconds=0.01)
    assert (state.follows_rows, state.seconds) == (False, pytest.approx(200))
    state.move(rows=10_000, variant="none")
    assert state.values["per_query_seconds"] == pytest.approx(0.002, rel=0.02)


@pytest.mark.parametrize(
    "inputs",
    [{"n_tis": -1}, {"n_dagruns": 0}, {"per_query_seconds": math.nan}, {"rows": 0}, {"size": 1}],
)
def test_an_impossible_move_changes_nothing(inputs: dict[str, float]) -> None:
    """All or nothing, and the fault is said."""
    state = ScaleState()
    before = dict(state.values)
    with pytest.raises(WorkbenchError):
        state.move(**inputs)
    assert state.values == before


def test_curves_of_another_profile_are_refused(curves: CostCurves) -> None:
    """The message lists what was fitted."""
    with pytest.raises(UnknownNameError, match="miss/client_ms"):
        ScaleState(curves=curves, profile="recent")


def test_sliders_move_the_state_and_show_it(curves: CostCurves) -> None:
    """What a person does is in the state; what the state says stands on the screen."""
    shown = ScaleExplorer(ScaleState(curves=curves))
    shown.sliders["n_tis"].value = 100
    shown.variant.value = "composite"
    assert shown.state.values["n_tis"] == 100
    assert shown.state.seconds < 1
    assert "within the limit" in shown.status.value
    assert shown.chart.value.startswith("<svg")
    shown.state.move(n_tis=2_000, variant="none")
    assert shown.sliders["n_tis"].value == pytest.approx(2_000)
    assert "over the limit" in shown.status.value


def test_without_curves_there_is_no_slider_of_rows() -> None:
    """A slider that changes nothing is not shown."""
    shown = ScaleExplorer()
    assert shown.sliders["rows"] not in shown.children
    shown.sliders["per_query_seconds"].value = 1e-5
    assert shown.state.seconds == pytest.approx(0.4)
