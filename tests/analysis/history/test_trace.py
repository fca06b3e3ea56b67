"""The trace: a line upstream, what passes it on, a line downstream, and what happens there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, changes, commits, deltas, history, hunks
from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.history.test_impact import HOT, hits, sites
from tests.analysis.patterns import pattern
from workbench.analysis.history.impact import impact
from workbench.analysis.history.reexports import aliases
from workbench.analysis.history.verify import verify
from workbench.domain.histories import History

UPSTREAM = history(
    {
        "commits": commits(1),
        "file_changes": changes((0, "src/pkg/models/dag.py"), (0, "src/pkg/other.py")),
        "hunks": hunks((0, "import x\n\nclass Dag:", "class Graph:"), (1, "no", "yes")),
        "definitions_deltas": deltas(
            "definitions",
            {
                "change": "removed",
                "module": "pkg.models.dag",
                "qualname": "Dag",
                "line": 12,
                "before": {"kind": "class"},
            },
        ),
    }
)


def steps(
    given: dict[str, Any], *used: tuple[str, str], upstream: History = UPSTREAM
) -> list[dict[str, Any]]:
    """The trace of one hit of a pattern about missing names."""
    called = sites(*used)
    made = hits({"line": 12} | given)
    spelled = aliases(made, upstream, targets=called["target"])
    found = impact(made, called, hot_paths=HOT, aliases=spelled)
    kinds = [pattern("", tags=("missing-name",))]
    told, _ = verify(
        found, called, patterns=kinds, history=upstream, hot_paths=HOT, aliases=spelled
    )
    steps_told: list[dict[str, Any]] = told["trace"].to_list()[0]
    return steps_told


def test_two_steps_with_their_lines() -> None:
    """The changed line as it reads, then the use as it reads."""
    assert steps({}, ("pkg.models.dag.Dag", "import")) == [
        {
            "path": "src/pkg/models/dag.py",
            "line": 12,
            "relation": "takes the name away",
            "text": "class Dag:",
            "where": "upstream",
        },
        {
            "path": "ours/main.py",
            "line": 10,
            "relation": "imports pkg.models.dag.Dag, which is gone: ImportError at import time",
            "text": "use 0",
            "where": "downstream",
        },
    ]


def test_who_only_inherits_is_told_last() -> None:
    """A class that went: who asks for it by name notices before who inherits from it."""
    told = steps({}, ("pkg.models.dag.Dag", "subclass"))
    assert "inherits from pkg.models.dag.Dag, which is gone" in told[1]["relation"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"line": 10, "side": "after"}, "class Graph:"),
        ({"line": 11, "side": "after"}, "It changed."),
        ({"line": 9}, "It changed."),
        ({"line": 11}, "It changed."),
        ({"path": "src/pkg/other.py", "line": 10}, "no"),
    ],
)
def test_a_line_that_no_hunk_holds_is_told_by_the_message(given: dict[str, Any], text: str) -> None:
    """Blank or untouched lines say nothing; the sentence of the hit stands in."""
    assert steps(given, ("pkg.models.dag.Dag", "import"))[0]["text"] == text


def test_for_everyone_the_hot_path_is_the_reason() -> None:
    """There is no downstream step; the upstream one says how often it runs and why."""
    (only,) = steps({"qualname": "pkg.loop.f", "names": ["pkg.loop.f"]})
    assert only["relation"] == "runs on a hot path: per-loop, the loop calls it"


def test_the_class_that_inherits_stands_before_the_override(tmp_path: Path) -> None:
    """Upstream calls the override only because of the class around it."""
    made = miniature(
        tmp_path,
        {"src/pkg/a.py": "class Box:\n    def open(self):\n        return 1\n"},
        {"src/pkg/a.py": "class Box:\n    size = 1\n"},
        {"ours/a.py": "from pkg.a import Box\n\nclass Mine(Box):\n    def open(self): ...\n"},
        hit("pkg.a.Box.open", line=2),
    )
    told = [(s["where"], s["line"], s["text"]) for s in made.finding["trace"]]
    assert told == [
        ("upstream", 2, "def open(self):"),
        ("downstream", 3, "class Mine(Box):"),
        ("downstream", 4, "def open(self): ..."),
    ]


def test_a_re_export_stands_where_later_commits_moved_it() -> None:
    """The line that hands the name on is named as it is just before the change."""
    offered = {"name": "Dag", "how": "reexport", "target": "pkg.models.dag.Dag"}
    gone = {"change": "removed", "module": "pkg.models.dag", "before": {"kind": "class"}}
    init = "src/pkg/__init__.py"
    upstream = history(
        {
            "commits": commits(3),
            "file_changes": changes((0, init), (1, init), (2, "src/pkg/models/dag.py")),
            "hunks": hunks(
                (0, "", "from pkg.models.dag import Dag"), (1, "", "import os\nimport re")
            ),
            "exports_deltas": deltas(
                "exports", {"module": "pkg", "qualname": "Dag", "after": offered, "line": 10}
            ),
            "definitions_deltas": deltas(
                "definitions", {**gone, "change_id": 2, "qualname": "Dag", "line": 3}
            ),
        }
    )
    before = upstream
    # What is added at line 10 stands after line 9: the line there moves down by two.
    above = upstream["hunks"].with_columns(old_start=pl.lit(9, pl.UInt32))
    upstream = History(upstream.commits, lambda n: above if n == "hunks" else before[n])
    told = steps({"sha": SHAS[2]}, ("pkg.Dag", "import"), upstream=upstream)
    assert [(s["path"], s["line"], s["text"]) for s in told] == [
        ("src/pkg/models/dag.py", 12, "It changed."),
        (init, 12, "from pkg.models.dag import Dag"),
        ("ours/main.py", 10, "use 0"),
    ]


def test_a_re_export_in_a_file_that_went_elsewhere_is_no_hop() -> None:
    """Its line is not where it was, so none is named."""
    offered = {"name": "Dag", "how": "reexport", "target": "pkg.models.dag.Dag"}
    gone = {"change": "removed", "module": "pkg.models.dag", "before": {"kind": "class"}}
    init = "src/pkg/__init__.py"
    upstream = history(
        {
            "commits": commits(3),
            "file_changes": changes(
                (0, init), (1, init), (2, "src/pkg/models/dag.py"), status=["M", "R", "M"]
            ),
            "hunks": hunks((0, "", "from pkg.models.dag import Dag")),
            "exports_deltas": deltas(
                "exports", {"module": "pkg", "qualname": "Dag", "after": offered, "line": 10}
            ),
            "definitions_deltas": deltas(
                "definitions", {**gone, "change_id": 2, "qualname": "Dag", "line": 3}
            ),
        }
    )
    told = steps({"sha": SHAS[2]}, ("pkg.Dag", "import"), upstream=upstream)
    assert [s["path"] for s in told] == ["src/pkg/models/dag.py", "ours/main.py"]


def test_no_findings_no_traces() -> None:
    """An empty frame stays one."""
    none = impact(hits(), sites())
    assert verify(none, sites(), patterns=[], history=UPSTREAM)[0].is_empty()
    assert UPSTREAM.commits["sha"].to_list() == SHAS[:1]
