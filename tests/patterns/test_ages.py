"""Patterns about names: what is younger than a release was in none, so nobody can miss it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.analysis.histories import START, changes, commits, history
from tests.facts import changes_of, read
from workbench.analysis.history.deltas import deltas
from workbench.analysis.history.detect import detect
from workbench.domain.histories import History
from workbench.knowledge.catalogue import open_catalogue

PATH = "src/app/plan.py"
WHOLE = '''
from abc import ABC, abstractmethod


class Plan(ABC):
    """A plan."""

    label = "plan"

    def weigh(self, tasks, base):
        """Sum up weights."""
        return base + sum(task.weight for task in tasks)


def build(name, parts):
    """Make a plan of parts."""
    return [name, *parts]
'''
CUT = {
    "C": (WHOLE.partition("\n\ndef build")[0] + "\n", "app.plan.build"),
    "E": (WHOLE.replace("name, parts)", "name, parts, owner)"), "app.plan.build"),
    "G": (WHOLE.replace('    label = "plan"\n\n', ""), "app.plan.Plan.label"),
    "G demand": (
        WHOLE.replace("    def weigh", "    @abstractmethod\n    def weigh"),
        "app.plan.Plan.weigh",
    ),
}


def lived(*texts: tuple[int, str]) -> History:
    """A file that has other texts on some days, in a history that began before."""
    trees: list[dict[str, str]] = [{}, *({PATH: text} for _, text in texts)]
    steps = [changes_of(trees[n], trees[n + 1], commit=n + 1) for n in range(len(texts))]
    ids = pl.int_range(len(texts), dtype=pl.UInt32)
    changed = pl.concat(steps).with_columns(change_id=ids)
    facts, _, _ = read(changed, [text for _, text in texts])
    made = deltas(changed, facts["change_facts"], facts["change_segments"], facts)
    moments = [START - timedelta(days=1), *(START + timedelta(days=day) for day, _ in texts)]
    return history(
        {
            "commits": commits(len(texts) + 1, committed_utc=moments),
            "file_changes": changes(*((n + 1, PATH) for n in range(len(texts)))),
            **made,
        }
    )


def hits(pattern: str, *texts: tuple[int, str]) -> pl.DataFrame:
    """Hits of one pattern on that history."""
    catalogue = open_catalogue(Path(__file__).parents[2] / "patterns")
    return detect(catalogue.pattern(pattern), lived(*texts))


def names_hit(pattern: str, *texts: tuple[int, str]) -> list[str]:
    """What one pattern's hits are about."""
    return hits(pattern, *texts)["qualname"].to_list()


@pytest.mark.parametrize("case", CUT)
def test_a_name_that_was_in_no_release_is_no_hit(case: str) -> None:
    """Two months make the difference, whatever it is that goes or changes."""
    text, name = CUT[case]
    assert names_hit(case[0], (0, WHOLE), (59, text)) == []
    assert names_hit(case[0], (0, WHOLE), (60, text)) == [name]


def test_a_name_that_went_and_came_back_is_young_again() -> None:
    """Who lived without it for longer than a release takes does not miss it; a revert is no gap."""
    text, name = CUT["C"]
    assert names_hit("C", (0, WHOLE), (100, text), (161, WHOLE), (180, text)) == [name]
    assert names_hit("C", (0, WHOLE), (100, text), (110, WHOLE), (120, text)) == [name, name]


def test_a_setter_that_comes_later_makes_no_property_young() -> None:
    """What counts is when the name came, not when another way to use it did."""
    plain = (
        WHOLE + "\n\nclass Run:\n    @property\n    def state(self):\n        return self._now\n"
    )
    both = plain + "\n    @state.setter\n    def state(self, now):\n        self._now = now\n"
    gone = WHOLE + "\n\nclass Run:\n    kept = 1\n"
    assert names_hit("G", (0, plain), (400, both), (410, gone)) == ["app.plan.Run.state"]


def test_a_year_in_releases_makes_it_worse() -> None:
    """Who makes an object is hit all the harder by a constructor that stood for long."""
    maker = "class Run:\n    def __init__(self, plan{more}):\n        self.plan = plan\n"
    old, new = maker.format(more=""), maker.format(more=", owner")
    found = [hits("E", (0, old), (days, new))["severity"].to_list() for days in (364, 365)]
    assert found == [["MEDIUM"], ["MEDIUM-HIGH"]]
