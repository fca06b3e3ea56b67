"""Commits that take others back: which of them only put back what was released."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.analysis.histories import SHAS, START, changes, commits, deltas, history
from tests.analysis.history.test_impact import hits, sites
from tests.analysis.patterns import pattern
from workbench.analysis.history.challenge_reverts import restores
from workbench.analysis.history.scan import scan
from workbench.domain.history import Severity

FIRST, BACK = "Change the box (#1)", 'Revert "Change the box (#1)" (#2)'
AGAIN = f'Revert "{BACK}" (#3)'


@pytest.mark.parametrize(
    ("said", "days", "expected"),
    [
        ([FIRST, BACK], [0, 2], True),
        ([FIRST, BACK], [0, 59], True),
        ([FIRST, BACK], [0, 60], False),
        ([FIRST, f"Undo it\n\nThis reverts commit {SHAS[0][:12]}."], [0, 2], True),
        ([FIRST, "Change the lid (#2)"], [0, 2], False),
        # What it takes back is not known.
        (["Change the lid (#1)", BACK], [0, 2], False),
        # The change comes again: it was in no release, or it was.
        ([FIRST, BACK, AGAIN], [0, 2, 4], False),
        ([FIRST, BACK, AGAIN], [0, 70, 72], True),
        ([FIRST, BACK, AGAIN], [0, 70, 140], False),
        (["Change the lid (#1)", BACK, AGAIN], [0, 2, 4], False),
    ],
)
def test_what_was_released_is_back(said: list[str], days: list[int], *, expected: bool) -> None:
    """The last commit takes back one that was in no release, and that alone."""
    line = commits(
        len(said),
        subject=[text.split("\n")[0] for text in said],
        message=said,
        committed_utc=[START + timedelta(days=day) for day in days],
    )
    last = SHAS[len(said) - 1]
    found = restores(hits({"sha": last}), history({"commits": line}))
    assert found == (frozenset({last}) if expected else frozenset())


@pytest.mark.parametrize(("second", "left"), [(BACK, 0), ("Change the lid (#2)", 1)])
def test_a_scan_dismisses_and_counts_it(second: str, left: int) -> None:
    """The funnel adds up with the finding among the dismissed."""
    gone = {"change": "removed", "before": {"kind": "function"}, "module": "pkg.a"}
    seen = history(
        {
            "commits": commits(2, subject=[FIRST, second], message=[FIRST, second]),
            "file_changes": changes((0, "src/pkg/a.py"), (1, "src/pkg/a.py")),
            "definitions_deltas": deltas(
                "definitions", {**gone, "change_id": 1, "qualname": "used"}
            ),
        }
    )
    sql = """
        SELECT sha, path, line, 'before' AS side, module || '.' || qualname AS qualname
        FROM definitions_deltas WHERE change = 'removed'
    """
    kinds = [pattern(sql, tags=("missing-name",), severity=Severity.HIGH)]
    told = scan(kinds, seen, call_sites=sites(("pkg.a.used", "import")))
    assert told.findings.height == left
    assert (told.funnel["reached"], told.funnel["dismissed"]) == (1, 1 - left)
