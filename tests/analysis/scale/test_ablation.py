"""Factors that failed together share the harm; what a repair leaves is told by Amdahl's law."""

from __future__ import annotations

import math

import pytest

from workbench.analysis.scale.ablation import ablate, remains, sound_loop
from workbench.analysis.scale.loop import LoopModel
from workbench.errors import WorkbenchError

FAILED = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)


def test_the_incident_needed_all_three() -> None:
    """Guard, leak and index: a third of the catastrophe each, none sufficient, all necessary."""
    found = ablate(sound_loop(FAILED), limit_seconds=120)
    assert found.smallest == (("guard removed", "context leaks", "index missing"),)
    assert found.shares["share_of_catastrophe"].to_list() == pytest.approx([1 / 3] * 3)
    assert found.shares["necessary"].all()
    assert not found.shares["sufficient"].any()
    assert found.cases.filter("over")["seconds"].to_list() == pytest.approx([13_600])
    assert "guard removed and context leaks and index missing" in found.says()


def test_shares_add_up_to_what_all_add() -> None:
    """Shapley values are a division: nothing is left over, in seconds as in catastrophes."""
    found = ablate(sound_loop(FAILED), limit_seconds=120)
    whole = FAILED.seconds() - sound_loop(FAILED).seconds()
    assert found.shares["added_seconds"].sum() == pytest.approx(whole)
    assert found.shares["share_of_catastrophe"].sum() == pytest.approx(1)


def test_a_factor_that_is_enough_alone() -> None:
    """Where one factor suffices the other has no share of its own when both are alike."""
    sound = FAILED.changed(per_query_seconds=0.000_1)
    factors = {"slow": {"per_query_seconds": 0.34}, "twice": {"calls_per_ti": 2.0}}
    found = ablate(sound, factors, limit_seconds=120)
    assert found.smallest == (("slow",),)
    assert found.shares["sufficient"].to_list() == [True, False]
    assert found.shares["share_of_catastrophe"].to_list() == pytest.approx([1, 0])


def test_harmless_factors_are_told_as_such() -> None:
    """Where nothing leads over the limit there is no share of it."""
    found = ablate(sound_loop(FAILED), limit_seconds=1e6)
    assert found.smallest == ()
    assert found.shares["share_of_catastrophe"].to_list() == [0, 0, 0]
    assert found.says().startswith("No combination")


@pytest.mark.parametrize("factors", [{}, {str(n): {} for n in range(13)}])
def test_too_few_and_too_many_factors(factors: dict[str, dict[str, object]]) -> None:
    """Each factor doubles the work."""
    with pytest.raises(WorkbenchError, match="cannot be ablated"):
        ablate(FAILED, factors, limit_seconds=120)


def test_what_remains_after_the_index() -> None:
    """Python and the way there: a query of no time would save almost nothing any more."""
    whole = FAILED.changed(python_seconds_per_ti=0.000_75, round_trip_seconds=0.000_1)
    found = remains(whole, whole.changed(per_query_seconds=0.000_019))
    assert found["part"].to_list() == ["python", "round trips", "server"]
    assert found["after_seconds"].to_list() == pytest.approx([30, 4, 0.76])
    server = found.row(2, named=True)
    assert server["most_speedup"] == pytest.approx(13_634 / 34)
    alone = remains(FAILED, FAILED.changed(per_query_seconds=0.0))
    assert alone.filter(part="server")["most_speedup"].item() == math.inf
    assert alone["share_after"].to_list() == [0, 0, 0]
