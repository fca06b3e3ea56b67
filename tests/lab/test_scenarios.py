"""Scenarios: four come along, one's own is a file, and every fault is named at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench.errors import LabError, UnknownNameError
from workbench.lab.scenarios import SHIPPED, read_scenario, shipped_scenarios

OWN = """
id = "own"
title = "Own"
table = "t"
query = "SELECT a FROM t WHERE a = :key AND b = '::x'"
[fill]
rows = 100
rows_per_key = 10
[[tables]]
name = "t"
rows = "rows"
columns = [{ name = "a", type = "integer", value = "k" }, { name = "b", value = "'x'" }]
[[indexes]]
name = "first"
columns = ["a"]
[[indexes]]
name = "last"
columns = ["a DESC", "b"]
[profiles]
miss = { key = "-1" }
both = ["miss"]
"""


def _own(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = OWN
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file = tmp_path / "own.toml"
    file.write_text(text)
    return file


def test_four_scenarios_come_along() -> None:
    """Each is sound, cites where it comes from, and names a miss, a recent and an old one."""
    assert shipped_scenarios() == (
        "finished-runs-scan",
        "task-instance-delete",
        "task-reschedule-lookup",
        "template",
    )
    for name in shipped_scenarios():
        scenario = read_scenario(name)
        assert scenario.id == name
        assert scenario.best == "composite"
        assert {"miss", "recent", "old", "mixed"} <= set(scenario.profiles)
        assert bool(scenario.sources) == (name != "template")
        assert scenario.writes == (name == "task-instance-delete")


def test_ones_own_is_a_file(tmp_path: Path) -> None:
    """Parameters are found outside texts and casts; without a composite the last index is best."""
    scenario = read_scenario(_own(tmp_path))
    assert scenario.parameters() == ("key",)
    assert scenario.best == "last"
    assert scenario.profiles["both"] == ("miss",)
    changed = read_scenario(_own(tmp_path, ("rows = 100", "rows = 200")))
    assert changed.digest != scenario.digest


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([('title = "Own"', 'titel = "Own"')], "titel"),
        ([('id = "own"', 'id = "../../own"')], "is no name: letters"),
        ([("rows = 100", "rows = 0")], "fill.rows is 0"),
        ([("rows = 100", 'rows = "many"')], "expected int @ scenario.fill.rows"),
        ([("rows = 100", "rows = true")], "expected int @ scenario.fill.rows"),
        ([("rows_per_key = 10", "rows_per_key = -1")], "rows_per_key is -1"),
        ([("rows_per_key = 10", 'rows_per_key = 10\norder = "sorted"')], "sorted"),
        ([("rows_per_key = 10", "rows_per_key = 10\nskew = nan")], "skew is nan"),
        ([('table = "t"', 'table = "u"')], "none of the tables"),
        ([('name = "first"', 'name = "none"')], "having none"),
        ([('name = "t"', 'name = "t; DROP TABLE x"')], "no plain name"),
        ([('columns = ["a"]', 'columns = ["a) --"]')], "no plain name"),
        ([("SELECT a", "DROP TABLE t; SELECT a")], "more than one statement"),
        ([("SELECT a", "VACUUM a")], "begins with none of"),
        ([(":key", ":other")], "parameters"),
        ([('both = ["miss"]', 'both = ["hit"]')], "no plain profile"),
        ([("miss = {", "hit = {")], "main_profile"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: list[tuple[str, str]], said: str) -> None:
    """A key, a number, a name or a query that cannot be, with the file."""
    with pytest.raises(LabError, match=re.escape(said)) as caught:
        read_scenario(_own(tmp_path, *changes))
    assert "own.toml" in str(caught.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    """Two mistakes are one error with two lines."""
    file = _own(tmp_path, ("rows = 100", "rows = 0"), ('table = "t"', 'table = "u"'))
    with pytest.raises(LabError, match=r"fill\.rows(.|\n)*none of the tables"):
        read_scenario(file)


def test_a_name_that_is_none_lists_what_there_is(tmp_path: Path) -> None:
    """A typing mistake, a missing file, and a file that is no TOML."""
    with pytest.raises(UnknownNameError, match="task-reschedule-lookup"):
        read_scenario("task-reschedule-lokup")
    with pytest.raises(LabError, match="cannot be read"):
        read_scenario(tmp_path / "missing.toml")
    (tmp_path / "bad.toml").write_text("id = ")
    with pytest.raises(LabError, match="no TOML"):
        read_scenario(tmp_path / "bad.toml")


def test_the_template_is_explained() -> None:
    """Every line that has to be understood carries a comment or a heading."""
    text = (SHIPPED / "template.toml").read_text("utf-8")
    assert text.startswith("# A scenario of your own")
