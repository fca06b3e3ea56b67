"""The trace: a line upstream, a line downstream, and in words what happens between them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.histories import SHAS, changes, commits, history, hunks
from tests.analysis.history.test_impact import HOT, hits, sites
from tests.analysis.patterns import pattern
from workbench.analysis.history.impact import impact
from workbench.analysis.history.trace import trace
from workbench.domain.patterns import FailureMode

UPSTREAM = history(
    {
        "commits": commits(1),
        "file_changes": changes((0, "src/pkg/models/dag.py"), (0, "src/pkg/other.py")),
        "hunks": hunks((0, "import x\n\nclass Dag:", "class Graph:"), (1, "no", "yes")),
    }
)


def steps(
    hit: dict[str, Any],
    *used: tuple[str, str],
    mode: FailureMode | None = None,
) -> list[dict[str, Any]]:
    """The trace of one hit, by a pattern about missing names unless a failure mode is given."""
    called = sites(*used)
    found = impact(hits({"line": 12} | hit), called, hot_paths=HOT)
    kinds = [
        pattern("SELECT 1", failure_mode=mode) if mode else pattern("", tags=("missing-name",))
    ]
    told = trace(found, called, patterns=kinds, history=UPSTREAM, hot_paths=HOT)
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
            "relation": "imports a name that is gone: ImportError at import time",
            "text": "use 0",
            "where": "downstream",
        },
    ]


@pytest.mark.parametrize(
    ("hit", "kind", "mode", "upstream", "downstream"),
    [
        ({}, "attribute", None, "takes", "AttributeError when the line runs"),
        ({}, "subclass", None, "takes", "inherits from a class that is gone"),
        ({"severity": "LOW"}, "import", None, "leaves the old one", "works until"),
        ({}, "call", FailureMode.CRASH, "changes what", "may raise where"),
        ({}, "call", FailureMode.SLOW, "changes what", "calls what changed: it may work more"),
        ({}, "override", FailureMode.WRONG_DATA, "changes what", "another call left behind"),
        (
            {},
            "strange",
            FailureMode.SILENT_DROP,
            "changes what",
            "reads what changed: it may do no",
        ),
    ],
)
def test_the_relation_says_what_happens(
    hit: dict[str, Any], kind: str, mode: FailureMode, upstream: str, downstream: str
) -> None:
    """How the pattern hurts and how the name is used decide the words."""
    first, second = steps(hit, ("pkg.models.dag.Dag", kind), mode=mode)
    assert upstream in first["relation"]
    assert downstream in second["relation"]


def test_who_only_inherits_is_told_last_and_in_other_words() -> None:
    """A method that went: who overrides it notices before who inherits from its class."""
    lost = {"names": ["pkg.models.dag.Dag.run"]}
    heir, overrider = ("pkg.models.dag.Dag", "subclass"), ("pkg.models.dag.Dag.run", "override")
    assert "the class that lost it" in steps(lost, heir)[1]["relation"]
    assert "overrides a method that is gone" in steps(lost, heir, overrider)[1]["relation"]
    changed = steps(lost, heir, mode=FailureMode.SLOW)
    assert changed[1]["relation"] == "inherits what changed: it may work more often or for longer"


def test_the_first_use_to_notice_is_told() -> None:
    """An import fails before anything else runs, wherever it stands."""
    _, second = steps({}, ("pkg.models.dag.Dag.run", "call"), ("pkg.models.dag.Dag", "import"))
    assert second["line"] == 11


@pytest.mark.parametrize(
    ("hit", "text"),
    [
        ({"line": 10, "side": "after"}, "class Graph:"),
        ({"line": 11, "side": "after"}, "It changed."),
        ({"line": 9}, "It changed."),
        ({"line": 11}, "It changed."),
        ({"path": "src/pkg/other.py", "line": 10}, "no"),
    ],
)
def test_a_line_that_no_hunk_holds_is_told_by_the_message(hit: dict[str, Any], text: str) -> None:
    """Blank or untouched lines say nothing; the sentence of the hit stands in."""
    assert steps(hit, ("pkg.models.dag.Dag", "import"))[0]["text"] == text


def test_for_everyone_the_hot_path_is_the_reason() -> None:
    """There is no downstream step; the upstream one says how often it runs and why."""
    (only,) = steps({"qualname": "pkg.loop.f", "names": ["pkg.loop.f"]})
    assert only["relation"] == "runs on a hot path: per-loop, the loop calls it"


def test_no_findings_no_traces() -> None:
    """An empty frame stays one."""
    none = impact(hits(), sites())
    assert trace(none, sites(), patterns=[], history=UPSTREAM).is_empty()
    assert UPSTREAM.commits["sha"].to_list() == SHAS[:1]
