"""The loop model gives the public account's figures exactly, and says what it leaves out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.scale.arithmetic import INPUTS
from workbench.analysis.scale.defaults import DEFAULTS
from workbench.analysis.scale.loop import LoopModel, speedup
from workbench.errors import WorkbenchError

ACCOUNT = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
EXACT = 1e-12


def test_the_incident_takes_13600_seconds() -> None:
    """2,000 tasks x 20 runs x 340 ms."""
    assert ACCOUNT.seconds() == pytest.approx(13_600, rel=EXACT)
    assert ACCOUNT.queries() == 40_000


def test_a_query_may_take_three_milliseconds() -> None:
    """120 s over 40,000 queries."""
    assert ACCOUNT.budget(120) == pytest.approx(0.003, rel=EXACT)


def test_the_index_makes_a_query_18000_times_faster() -> None:
    """342 ms to 0.019 ms; the loop then takes 0.76 s and keeps the limit."""
    assert speedup(0.342, 0.000019) == pytest.approx(18_000, rel=EXACT)
    after = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.000019)
    assert after.seconds() == pytest.approx(0.76, rel=EXACT)
    assert "within the limit of 120 s" in after.card(120)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("per_query_seconds", 0.003),
        ("n_tis", 120 / (20 * 0.34)),
        ("n_dagruns", 120 / (2_000 * 0.34)),
        ("calls_per_ti", 0.003 / 0.34),
        ("python_seconds_per_ti", None),
        ("round_trip_seconds", None),
    ],
)
def test_break_even_of_each_input(name: str, value: float | None) -> None:
    """Where one input alone would bring the loop to 120 s; nothing where it cannot."""
    found = ACCOUNT.break_even(120)[name]
    assert found == (None if value is None else pytest.approx(value, rel=1e-9))


@given(
    st.integers(1, 5_000),
    st.integers(1, 50),
    st.floats(1e-6, 1),
    st.floats(0, 1e-3),
    st.floats(0, 1e-3),
    st.floats(1e3, 1e6),
)
def test_a_loop_at_its_budget_takes_the_limit(
    tis: int, runs: int, query: float, python: float, trip: float, limit: float
) -> None:
    """The budget is the inverse of the model, whatever else is modelled."""
    model = LoopModel(
        n_tis=tis,
        n_dagruns=runs,
        per_query_seconds=query,
        python_seconds_per_ti=python,
        round_trip_seconds=trip,
    )
    at_budget = model.changed(per_query_seconds=model.budget(limit))
    assert at_budget.seconds() == pytest.approx(limit, rel=1e-6)


def test_the_card_says_what_is_not_modelled() -> None:
    """Zero is no measurement: it is said to be left out."""
    assert ACCOUNT.card(120).endswith("Not modelled: Python time, round trips.")
    assert "113 times the limit of 120 s" in ACCOUNT.card(120)
    assert "At this speed 17 task instances a run fit." in ACCOUNT.card(120)
    whole = LoopModel(
        n_tis=1,
        n_dagruns=1,
        per_query_seconds=1,
        python_seconds_per_ti=0.1,
        round_trip_seconds=0.1,
    )
    assert whole.card(120).endswith("All terms are modelled.")


def test_every_impossible_input_is_named() -> None:
    """All faults at once, with what would be right."""
    with pytest.raises(WorkbenchError, match=r"n_tis is -1, per_query_seconds is nan.*finite"):
        LoopModel(n_tis=-1, n_dagruns=1, per_query_seconds=math.nan)


@pytest.mark.parametrize("limit", [0, -1, math.inf, math.nan])
def test_a_limit_is_a_time(limit: float) -> None:
    """A limit that is no time is the caller's mistake."""
    with pytest.raises(WorkbenchError, match="is no time"):
        ACCOUNT.budget(limit)


def test_a_loop_without_room_has_no_budget() -> None:
    """Python alone over the limit, or no query at all: an error, not a negative time."""
    slow = LoopModel(n_tis=1, n_dagruns=1, per_query_seconds=1, python_seconds_per_ti=500)
    with pytest.raises(WorkbenchError, match="380 s are spent without one"):
        slow.budget(120)
    with pytest.raises(WorkbenchError, match="asks none"):
        LoopModel(n_tis=0, n_dagruns=1, per_query_seconds=1).budget(120)


@pytest.mark.parametrize(
    ("changes", "per_run"),
    [
        ({}, 2_000),
        ({"position": 1}, 1_999),
        ({"position": 1_999}, 1),
        ({"guard": True}, 1),
        ({"leak": False}, 1),
        ({"guard": True, "leak": False}, 1),
        ({"guard": True, "reschedule_tis": 7}, 7),
        ({"reschedule_tis": 0}, 0),
        ({"position": None}, 1 + 1_999 / 2),
        ({"position": None, "reschedule_tis": 3}, 3 + 1_997 * 3 / 4),
        ({"guard": True, "reschedule_tis": 5_000}, 2_000),
    ],
)
def test_who_asks(changes: dict[str, object], per_run: float) -> None:
    """What 3.1.7's own code did, patched factor by factor; k anywhere leak to a share k/(k+1)."""
    assert ACCOUNT.changed(**changes).queries() == pytest.approx(20 * per_run)


def test_the_parts_add_up() -> None:
    """Python, server and round trips are the loop."""
    whole = ACCOUNT.changed(python_seconds_per_ti=0.001, round_trip_seconds=0.002)
    assert whole.parts() == pytest.approx({"python": 40, "server": 13_600, "round trips": 80})
    assert sum(whole.parts().values()) == pytest.approx(whole.seconds())


@given(
    st.sampled_from(["n_tis", "n_dagruns", "per_query_seconds", "position", "reschedule_tis"]),
    st.floats(1, 1e5),
    st.booleans(),
    st.sampled_from([None, 0.0, 3.0]),
)
def test_at_break_even_the_loop_takes_the_limit(
    name: str, limit: float, guard: bool, position: float | None
) -> None:
    """Whichever input it is, and whoever asks; or no value of it does."""
    model = LoopModel(
        n_tis=500,
        n_dagruns=20,
        per_query_seconds=0.1,
        python_seconds_per_ti=0.001,
        reschedule_tis=4,
        guard=guard,
        position=position,
    )
    found = model.break_even(limit).get(name)
    if found is not None and not (name == "n_dagruns" and found == 0):
        assert model.changed(**{name: found}).seconds() == pytest.approx(limit, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"n_dagruns": 0}, "n_dagruns is 0.*at least"),
        ({"position": 2_001}, "position is 2001 of 2000"),
        ({"n_tis": "many"}, "n_tis is 'many'"),
        ({"n_tis": None}, "n_tis is None"),
        ({"n_tis": True}, "n_tis is True"),
        ({"per_query_seconds": math.inf}, "per_query_seconds is inf"),
    ],
)
def test_impossible_loops(changes: dict[str, object], match: str) -> None:
    """Named, with what would be right."""
    with pytest.raises(WorkbenchError, match=match):
        ACCOUNT.changed(**changes)


def test_every_default_cites_its_source() -> None:
    """A configuration key, a measurement, the account, or that it is an assumption."""
    assert all(len(cited.source) > 20 and cited.unit for cited in DEFAULTS.values())
    assert set(INPUTS) <= set(DEFAULTS)
    told = ACCOUNT.sources()
    assert told["n_tis"] == "given"
    assert "not modelled" in told["python_seconds_per_ti"]
    assert "max_dagruns_per_loop_to_schedule" in DEFAULTS["n_dagruns"].source


def test_a_notebook_shows_a_card_and_a_terminal_its_lines() -> None:
    """The same words in both; the inputs with their sources only where there is room."""
    shown = ACCOUNT._repr_mimebundle_()
    assert shown["text/plain"] == ACCOUNT.card(120)
    assert "13,600.00 s" in shown["text/html"]
    assert "3.1.7" in shown["text/html"]
    assert "anywhere" in ACCOUNT.changed(position=None)._repr_mimebundle_()["text/html"]
    leaked = ACCOUNT.changed(guard=True, python_seconds_per_ti=0.001).card(120)
    assert "1 queries for 2,000 task instances = 20 queries a loop" in leaked
    assert "+ 40 s of Python" in leaked
