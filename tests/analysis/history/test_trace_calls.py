"""Hot paths over calls: what they reach concerns everyone, and the trace shows each call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.patterns import pattern
from workbench.domain.findings import Outcome
from workbench.domain.patterns import FailureMode, HotPath

LOOP, WORK = "src/pkg/loop.py", "src/pkg/work.py"
TURN = """
from pkg.work import Worker


class Loop:
    def turn(self):
        worker = Worker()
        return worker.examine_everything(1)
"""
BODY = """
class Worker:
    def examine_everything(self, key):
        return self.look_it_up(key)

    def look_it_up(self, key):
        return {}

    def idle(self):
        return {}
"""
HOT = [HotPath(qualname="pkg.loop.Loop.turn", multiplicity="per-task-instance", why="each turn.")]


def findings(folder: Path, name: str, **more: Any) -> list[dict[str, Any]]:
    """Both files come with the commit, since a history of one commit knows no earlier text."""
    given: dict[str, Any] = {"severity": "HIGH", "path": WORK, "line": 7, "side": "after"} | more
    kinds = [pattern("", failure_mode=FailureMode.SLOW)]
    made = miniature(
        folder,
        {},
        {LOOP: TURN, WORK: BODY},
        {"ours/main.py": "import pkg\n"},
        hit(name, **given),
        patterns=kinds,
        hot_paths=HOT,
    )
    return list(made.findings.to_dicts())


@pytest.mark.parametrize(
    ("name", "severity", "expected"),
    [
        ("pkg.work.Worker.look_it_up", "HIGH", ["everyone"]),
        ("pkg.work.Worker.look_it_up", "MEDIUM", []),
        ("pkg.work.Worker.idle", "HIGH", []),
    ],
)
def test_what_a_hot_path_calls_concerns_everyone(
    tmp_path: Path, name: str, severity: str, expected: list[str]
) -> None:
    """Two calls away from the entry point as well as in it; what nothing calls does not."""
    found = findings(tmp_path, name, severity=severity)
    assert [row["kind"] for row in found] == expected


def test_the_trace_shows_each_call(tmp_path: Path) -> None:
    """From the change up to the entry point, a line for every hop."""
    (row,) = findings(tmp_path, "pkg.work.Worker.look_it_up")
    assert row["outcome"] == Outcome.SLOW
    assert [(s["path"], s["line"], s["text"]) for s in row["trace"]] == [
        (WORK, 7, "return {}"),
        (WORK, 4, "return self.look_it_up(key)"),
        (LOOP, 8, "return worker.examine_everything(1)"),
    ]
    assert row["trace"][0]["relation"].startswith("runs on a hot path: per-task-instance")
