"""Early exits that went: which of them spared work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.patterns import pattern
from workbench.analysis.history.verify_costs import with_scale_cards
from workbench.domain.findings import Outcome
from workbench.domain.patterns import FailureMode, HotPath

A = "src/pkg/a.py"
HOT = [HotPath(qualname="pkg.a.loop", multiplicity="per-loop", why="it is the loop.")]
LOOP = "def loop(boxes):\n    for box in boxes:\n{}        box.open()\n"


@pytest.mark.parametrize(
    ("guards", "fits"),
    [
        (["not hasattr(box, 'open')"], True),
        (["not callable(box.open) or not isinstance(box, Box)"], True),
        (["not (hasattr(box, 'open') and isinstance(box, (Box, Lid)))"], True),
        (["not getattr(box, 'open', None)"], False),
        (["not isinstance(box, Box) and box.size < 0"], False),
        (["hasattr(box, 'shut') == ready"], False),
        (["not ready"], False),
        # Another exit of the function went, too.
        (["not hasattr(box, 'open')", "box.size < 0"], False),
    ],
)
def test_a_guard_that_went(tmp_path: Path, guards: list[str], *, fits: bool) -> None:
    """What an object is or can do is asked lest a call fail; other questions spare work."""
    body = "".join(f"        if {guard}:\n            continue\n" for guard in guards)
    made = miniature(
        tmp_path,
        {A: LOOP.format(body)},
        {A: LOOP.format("")},
        {"ours/main.py": ""},
        hit("pkg.a.loop", message=f"pkg.a.loop no longer leaves early on `{guards[0]}`."),
        patterns=[pattern("", failure_mode=FailureMode.SLOW)],
        hot_paths=HOT,
    ).finding
    assert made["outcome"] == (Outcome.FITS if fits else Outcome.SLOW)


def test_a_finding_about_something_else(tmp_path: Path) -> None:
    """One that does not speak of the guard is not dismissed because of it."""
    made = miniature(
        tmp_path,
        {A: LOOP.format("        if not hasattr(box, 'open'):\n            continue\n")},
        {A: LOOP.format("        box.query()\n")},
        {"ours/main.py": ""},
        hit("pkg.a.loop", message="pkg.a.loop queries in each turn."),
        patterns=[pattern("", failure_mode=FailureMode.SLOW)],
        hot_paths=HOT,
    ).finding
    assert made["outcome"] == Outcome.SLOW


def test_a_finding_on_a_hot_path_has_its_card(tmp_path: Path) -> None:
    """What it costs, or which question is open; with an open one nothing is verified."""
    made = miniature(
        tmp_path,
        {A: LOOP.format("        if not ready:\n            continue\n")},
        {A: LOOP.format("")},
        {"ours/main.py": ""},
        hit("pkg.a.loop", message="pkg.a.loop no longer leaves early on `not ready`."),
        hit("pkg.a.quiet", message="pkg.a.quiet changed.", line=2),
        patterns=[pattern("", failure_mode=FailureMode.SLOW)],
        hot_paths=HOT,
    )
    said = with_scale_cards(made.findings, made.known, made.history)
    assert said.columns == made.findings.columns
    (row,) = said.filter(qualname="pkg.a.loop").to_dicts()
    assert row["scale_card"]["multiplicity"] == "per-loop"
    assert row["scale_card"]["verdict"] == "unknown"
    assert row["scale_card"]["unanswered"] == ["which query does it ask?"]
    assert not row["verified"]
    assert row["why_not"].endswith("which query does it ask?")
    assert said.filter(qualname="pkg.a.quiet")["scale_card"].to_list() in ([], [None])
