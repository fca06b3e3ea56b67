"""Reachability: what a hot path calls, as of the commit that touches it."""

from __future__ import annotations

import polars as pl
import pytest

from tests.analysis.history.test_spans import frames_of
from workbench.analysis.history import reachability
from workbench.analysis.history.reachability import hot_functions
from workbench.analysis.history.spans import segment_spans
from workbench.domain.histories import History
from workbench.domain.patterns import HotPath
from workbench.domain.standing import STANDING_FACTS
from workbench.knowledge.example_history import history_of_trees

LOOP = HotPath(qualname="app.loop.Loop.run", multiplicity="per-loop", why="It is the loop.")
TURN = HotPath(qualname="app.turn.*", multiplicity="per-task-instance", why="Each task's turn.")

CALLS = "from app.near import work\nclass Loop:\n    def run(self):\n        work()\n"
CALLS_NOT = CALLS.replace("        work()", "        pass")
WORK = "def work():\n    return {}\n"
CALLER = """
import app.far
from app import near as close
from app.near import helper as helping, Made
from . import sibling

class Loop:
    def run(self, thing):
        {call}

    def step(self):
        return 1

def beside():
    return 1
"""
NEAR = """
class Made:
    def __init__(self):
        self.x = {n}

    def find(self):
        return {n}

def helper():
    return {n}
"""
FILES = {
    "app/near.py": NEAR,
    "app/far.py": "def away():\n    return {n}\n",
    "app/sibling.py": "def sib():\n    return {n}\n",
    "app/things.py": "class Thing:\n    def rare(self):\n        return {n}\n",
}


def touched(call: str, *, files: dict[str, str] | None = None) -> dict[str, tuple[int, str]]:
    """Hot functions of a commit that edits all that ``run`` might call: distance and chain."""
    files = FILES | (files or {})
    trees = [{path: text.replace("{n}", n) for path, text in files.items()} for n in "12"]
    loop = {"app/loop.py": CALLER.replace("{call}", call)}
    history = history_of_trees(trees[0] | loop, trees[1] | loop)
    rows = hot_functions(history, [LOOP])
    assert set(rows["why"]) <= {LOOP.why}
    return {r["qualname"]: (r["distance"], r["via"]) for r in rows.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("call", "reached"),
    [
        ("helping()", "helper"),
        ("close.helper()", "helper"),
        ("app.far.away()", "away"),
        ("sibling.sib()", "sib"),
        ("Made()", "Made.__init__"),
        ("Made.find(thing)", "Made.find"),
        ("thing.rare()", "Thing.rare"),
        ("thing.other.rare()", "Thing.rare"),
        ("thing().rare()", "Thing.rare"),
    ],
)
def test_a_call_is_resolved_by_what_its_module_imports(call: str, reached: str) -> None:
    """Functions, modules, classes and methods, under their names there; else by the name alone."""
    assert touched(call) == {reached: (1, f"Loop.run > {reached}")}


@pytest.mark.parametrize("call", ["helper()", "len(thing)", "unknown.away", "pass", "self.away2()"])
def test_what_is_not_called_is_not_hot(call: str) -> None:
    """Nor is what has the same last name as a bare call, when it is not imported."""
    assert touched(call) == {}


def test_a_name_that_many_functions_have_reaches_none_of_them() -> None:
    """Four methods of one name say nothing about an object of unknown type; three still do."""

    def classes(count: int) -> str:
        return "".join(
            f"class T{i}:\n    def much(self):\n        return {{n}}\n\n" for i in range(count)
        )

    assert len(touched("thing.much()", files={"app/many.py": classes(3)})) == 3
    assert touched("thing.much()", files={"app/many.py": classes(4)}) == {}


def test_a_method_of_its_own_class_comes_before_any_other_of_that_name() -> None:
    """``self.step()`` is this class's, even if another class has a method of that name."""
    other = "class Other:\n    def step(self):\n        return {n}\n"
    assert touched("self.step()", files={"app/other.py": other}) == {}
    inherited = "class Base:\n    def begin(self):\n        return {n}\n"
    assert touched("self.begin()", files={"app/other.py": inherited}) == {
        "Base.begin": (1, "Loop.run > Base.begin")
    }


def test_a_long_chain_is_told_by_its_ends() -> None:
    """Four names at most; the distance counts them all, and the worst entry point wins."""
    steps = "".join(f"def f{i}():\n    return f{i + 1}() + {{n}}\n\n" for i in range(12))
    got = touched("c.f0()", files={"app/c.py": steps})
    assert got["f0"] == (1, "Loop.run > f0")
    assert got["f2"] == (3, "Loop.run > f0 > f1 > f2")
    assert got["f6"] == (7, "Loop.run > ... > f4 > f5 > f6")
    assert max(distance for distance, _ in got.values()) == reachability.MOST_STEPS


def test_the_worst_multiplicity_wins() -> None:
    """A function that the loop calls once and each task's turn calls too is per task."""
    files = {
        "app/loop.py": CALLS,
        "app/turn.py": "from app.near import work\ndef turn():\n    work()\n",
    }
    work = "def work():\n    return {}\n"
    history = history_of_trees(
        files | {"app/near.py": work.format(1)}, files | {"app/near.py": work.format(2)}
    )
    rows = hot_functions(history, [LOOP, TURN])
    assert rows.select("qualname", "multiplicity", "via").rows() == [
        ("work", "per-task-instance", "turn > work")
    ]
    assert hot_functions(history, []).is_empty()


def line(trees: list[dict[str, str]], *, first: int = 0) -> History:
    frames = frames_of([{}, *trees], renamed=[{}] * len(trees), first=first)
    spans = segment_spans(
        frames["changes"], frames["change_facts"], frames["change_segments"], frames["commits"]
    )
    changes = frames["changes"].with_columns(
        status=pl.lit("M"),
        added_lines=pl.lit(1, pl.UInt32),
        removed_lines=pl.lit(1, pl.UInt32),
        is_core=pl.lit(value=True),
        is_binary=pl.lit(value=False),
    )
    facts = {
        name: frames[name].select(list(table.columns)) for name, table in STANDING_FACTS.items()
    }
    kept = {"commits": frames["commits"], "file_changes": changes, "segment_spans": spans}
    return History.of(kept | facts)


def by_commit(history: History) -> dict[int, list[str]]:
    rows = hot_functions(history, [LOOP])
    return {
        commit: rows.filter(commit_id=commit)["qualname"].to_list()
        for commit in history.commits["commit_id"]
    }


def test_what_is_hot_is_known_as_of_the_commit() -> None:
    """A call that comes later does not make an earlier edit hot; nor does anything else later."""
    trees = [
        {"app/loop.py": CALLS_NOT, "app/near.py": WORK.format(1)},
        {"app/loop.py": CALLS_NOT, "app/near.py": WORK.format(2)},
        {"app/loop.py": CALLS, "app/near.py": WORK.format(2)},
        {"app/loop.py": CALLS, "app/near.py": WORK.format(3)},
    ]
    whole = by_commit(line(trees))
    assert whole == {1: ["Loop.run"], 2: [], 3: ["Loop.run"], 4: ["work"]}
    for count in (1, 2, 3):
        assert by_commit(line(trees[:count])) == {n: whole[n] for n in range(1, count + 1)}


def test_a_call_that_went_is_forgotten_with_the_next_stretch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Inside a stretch what went still counts: the graph is what stood at its start."""
    trees = [
        {"app/loop.py": CALLS, "app/near.py": WORK.format(1)},
        {"app/loop.py": CALLS_NOT, "app/near.py": WORK.format(1)},
        {"app/loop.py": CALLS_NOT, "app/near.py": WORK.format(2)},
    ]
    assert by_commit(line(trees))[3] == ["work"]
    monkeypatch.setattr(reachability, "STRETCH", 3)
    assert by_commit(line(trees))[3] == []


def test_commits_of_the_span_alone_are_told_of() -> None:
    """The others still say what was known."""
    trees = [
        {"app/loop.py": CALLS, "app/near.py": WORK.format(1)},
        {"app/loop.py": CALLS, "app/near.py": WORK.format(2)},
    ]
    history = line(trees)
    late = history.between(since=history.commits["committed_utc"].max())
    assert by_commit(late) == {2: ["work"]}
