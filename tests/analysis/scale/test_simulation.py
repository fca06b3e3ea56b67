"""A scheduler under its probe: closed form, grey zone, and what a count of restarts tells."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.scale.inverse import explain_restarts
from workbench.analysis.scale.probe import Probe
from workbench.analysis.scale.simulation import Health, simulate
from workbench.errors import WorkbenchError

PROBE = Probe()
STEADY = {"jitter": 0.0, "horizon_seconds": 14_400.0}


def test_the_default_probe_is_the_charts() -> None:
    """Every minute, five failures, a heartbeat of two minutes: 420 s of patience."""
    assert PROBE.patience_seconds == 420
    assert PROBE.stuck_cycle_seconds() == 750
    assert (PROBE.never_killed_seconds, PROBE.always_killed_seconds) == (360, 420)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"grace_seconds": 10.0},
        {"start_seconds": 600.0},
        {"grace_seconds": 600.0, "start_seconds": 10.0},
        {"period_seconds": 30.0, "failures": 3, "threshold_seconds": 60.0},
        {"back_off_seconds": 0.0, "longest_back_off_seconds": 0.0},
    ],
)
def test_a_stuck_loop_restarts_as_the_closed_form_says(changes: dict[str, float]) -> None:
    """Horizon / (start + fresh heartbeat + period x failures + back-off), within 2 %."""
    probe = replace(PROBE, **changes)  # type: ignore[arg-type]
    horizon = 400 * probe.stuck_cycle_seconds()
    found = simulate(math.inf, probe, horizon_seconds=horizon)
    assert found.restarts == pytest.approx(probe.stuck_restarts(horizon), rel=0.02)


def test_the_incidents_horizon() -> None:
    """Sixteen hours stuck: 77 by the closed form, and 2 % of it for the first short back-offs."""
    found = simulate(math.inf)
    assert found.restarts == pytest.approx(PROBE.stuck_restarts(57_600), rel=0.02)
    assert found.events.filter(kind="kill").height == found.restarts


@pytest.mark.parametrize(
    ("loop", "least", "most"),
    [(150, 0, 0), (300, 0, 0), (360, 8, 26), (380, 35, 55), (420, 78, 92)],
)
def test_restarts_by_loop_time(loop: float, least: int, most: int) -> None:
    """Up to 300 s nobody is killed in sixteen hours; twice a minute more decides all."""
    for seed in range(3):
        assert least <= simulate(loop, seed=seed).restarts <= most


@pytest.mark.parametrize(
    ("loop", "health"),
    [(60, Health.HEALTHY), (200, Health.GREY), (359, Health.GREY), (500, Health.RESTARTS)],
)
def test_the_grey_zone(loop: float, health: Health) -> None:
    """From the threshold to the probe's patience: unhealthy, never killed."""
    found = simulate(loop, **STEADY)
    assert found.health is health
    assert (found.stale_seconds > 0) is (health is not Health.HEALTHY)


@settings(max_examples=20, deadline=None)
@given(
    st.floats(20, 200),
    st.integers(1, 6),
    st.floats(10, 300),
    st.floats(0, 100),
    st.floats(30, 900),
)
def test_bounds_hold_for_any_probe(
    period: float, failures: int, threshold: float, grace: float, loop: float
) -> None:
    """A steady loop below the one bound is never killed, above the other always; time adds up."""
    probe = Probe(
        period_seconds=period,
        failures=failures,
        threshold_seconds=threshold,
        grace_seconds=grace,
    )
    found = simulate(loop, probe, **STEADY)
    if loop <= probe.never_killed_seconds:
        assert found.restarts == 0
    if loop > probe.always_killed_seconds + grace:
        assert found.loops == 0
    assert found.stale_seconds + found.down_seconds <= found.horizon_seconds + 1e-6


def test_the_same_seed_runs_the_same_course() -> None:
    """No hidden chance."""
    assert simulate(380, seed=4).events.equals(simulate(380, seed=4).events)


@pytest.mark.parametrize(
    "make",
    [
        lambda: simulate(0),
        lambda: simulate(math.nan),
        lambda: simulate(10, horizon_seconds=0),
        lambda: simulate(10, jitter=-1),
        lambda: Probe(failures=0),
        lambda: Probe(period_seconds=0),
        lambda: Probe(grace_seconds=math.inf),
        lambda: explain_restarts(-1),
        lambda: explain_restarts(5, stuck_prior=1.0),
        lambda: explain_restarts(5, counted_within=math.nan),
    ],
)
def test_impossible_settings_are_refused(make: object) -> None:
    """With what would be right."""
    assert callable(make)
    with pytest.raises(WorkbenchError):
        make()


def test_fifty_restarts_have_two_explanations() -> None:
    """A loop of about 380 s, or a stuck one that takes long to start: not one answer."""
    found = explain_restarts(50, starts=(30.0, 450.0), step_seconds=20.0)
    assert found.explanations["probability"].sum() == pytest.approx(1)
    assert 0.05 < found.stuck_probability() < 0.95
    slow = found.slow_loop()
    assert slow is not None
    assert 360 <= slow[0] <= 420
    quick = found.explanations.filter(start_seconds=30.0).row(0, named=True)
    assert quick["loop_seconds"] == pytest.approx(380, abs=20)
    assert "50 restarts in 16 h do not tell one loop time." in found.says()


def test_no_restarts_mean_a_loop_that_is_not_stuck() -> None:
    """Nothing was killed: whatever the loop took, it came to an end."""
    found = explain_restarts(0, starts=(30.0,), step_seconds=30.0, counted_within=0.5)
    assert found.stuck_probability() < 1e-6


def test_a_count_that_nothing_explains() -> None:
    """More restarts than the settings allow: said, with the most that they do."""
    with pytest.raises(WorkbenchError, match=r"No loop time explains 5000 .* at most"):
        explain_restarts(5_000, starts=(30.0,), step_seconds=60.0)
