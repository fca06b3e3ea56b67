"""Findings of the ledger: verified ones, once each, and what became of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import UnknownNameError, WorkbenchError
from workbench.knowledge.ledger import read
from workbench.knowledge.ledger_findings import (
    FINDINGS,
    append_findings,
    append_outcome,
    read_findings,
)

DAY = date(2026, 3, 17)
LINK = "https://example.org/pull/7"
SHA, OTHER = "a" * 40, "ab" + "0" * 38


def finding(sha: str = SHA, **more: Any) -> dict[str, Any]:
    return {
        "sha": sha,
        "pattern": "H-lifecycle",
        "downstream": "our-executor",
        "severity": "HIGH",
        "kind": "break",
        "path": "base.py",
        "line": 3,
        "names": ["Base.slots"],
        "verified": True,
        "message": "Base.slots raises.",
    } | more


def keep(folder: Path, *findings: dict[str, Any]) -> int:
    return append_findings(
        folder, findings, who="report daily", when=DAY, versions={"H-lifecycle": 2}
    )


def test_a_verified_finding_is_one_line(tmp_path: Path) -> None:
    """Who, when, why, the pattern's version and the hash stand in it; the outcome is open."""
    assert keep(tmp_path, finding(), finding(OTHER, verified=False), finding(verified=None)) == 1
    (row,) = read(tmp_path / FINDINGS)[0]
    assert row["who"] == "report daily"
    assert row["when"] == "2026-03-17"
    assert row["why"] == "Base.slots raises."
    assert (row["verified"], row["outcome"], row["link"]) == (True, None, None)
    assert row["pattern_version"] == 2
    assert len(row["hash"]) == 16


def test_the_same_finding_is_not_written_twice(tmp_path: Path) -> None:
    """Another severity is another content; another downstream another finding."""
    assert keep(tmp_path, finding()) == 1
    assert keep(tmp_path, finding()) == 0
    assert keep(tmp_path, finding(severity="MEDIUM")) == 1
    assert keep(tmp_path, finding(downstream=None, kind="everyone")) == 1
    assert [row["severity"] for row in read_findings(tmp_path)] == ["MEDIUM", "HIGH"]


@pytest.mark.parametrize("outcome", ["patched", "upstreamed", "waived", "graduated"])
def test_an_outcome_is_appended_with_its_link(tmp_path: Path, outcome: str) -> None:
    """Nothing is changed in place: the last word on a finding counts."""
    keep(tmp_path, finding(), finding(OTHER))
    row = append_outcome(
        tmp_path, sha=SHA[:10], outcome=outcome, link=LINK, who="reviewer", when=DAY, why="Ours."
    )
    assert row["outcome"] == outcome
    assert len(read(tmp_path / FINDINGS)[0]) == 3
    first, second = read_findings(tmp_path)
    assert (first["outcome"], first["link"], first["verified"]) == (outcome, LINK, True)
    assert second["outcome"] is None
    # Verifying it once more does not take the outcome back.
    keep(tmp_path, finding(severity="CRITICAL"))
    assert read_findings(tmp_path)[0]["outcome"] == outcome


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"outcome": "fixed"}, WorkbenchError, "no outcome"),
        ({"link": "see the wiki"}, WorkbenchError, "no link"),
        ({"sha": "f" * 40}, UnknownNameError, "The ledger holds: a"),
        ({"sha": "a"}, UnknownNameError, "2 findings"),
        ({"sha": ""}, UnknownNameError, "no commit"),
        ({"downstream": "theirs"}, UnknownNameError, "No finding"),
        ({"pattern": "Z"}, UnknownNameError, "No finding"),
    ],
)
def test_an_outcome_that_fits_no_finding_is_refused(
    tmp_path: Path, said: dict[str, Any], error: type[Exception], words: str
) -> None:
    """The message says what would be right; nothing is written."""
    keep(tmp_path, finding(), finding(OTHER))
    given: dict[str, Any] = {"sha": SHA, "outcome": "patched", "link": LINK}
    with pytest.raises(error, match=words):
        append_outcome(tmp_path, who="reviewer", when=DAY, **(given | said))
    assert len(read(tmp_path / FINDINGS)[0]) == 2


def judge(folder: Path, **more: Any) -> dict[str, Any]:
    said = {"sha": SHA, "outcome": "patched", "link": LINK, "who": "ann", "when": DAY, "why": "x"}
    return append_outcome(folder, **(said | more))


def test_the_same_word_is_not_written_twice(tmp_path: Path) -> None:
    """Not on another day either; another word, reason or person is another line."""
    keep(tmp_path, finding())
    first = judge(tmp_path)
    assert judge(tmp_path) == first
    assert judge(tmp_path, when=date(2026, 4, 1)) == first
    assert len(read(tmp_path / FINDINGS)[0]) == 2
    for more in ({"why": "y"}, {"who": "bob"}, {"outcome": "waived"}, {}):
        judge(tmp_path, **more)
    assert len(read(tmp_path / FINDINGS)[0]) == 6


def test_no_secret_gets_into_the_ledger(tmp_path: Path) -> None:
    """Neither by the reason nor by the link; the same word is still known as the same."""
    keep(tmp_path, finding())
    link = "https://bob:hunter2hunter2@example.org/pull/7"
    for _ in range(2):
        row = judge(tmp_path, link=link, why="password=hunter2hunter2 was in it")
    assert row["why"] == "password=<secret:password> was in it"
    assert "hunter2" not in (tmp_path / FINDINGS).read_text()
    assert len(read(tmp_path / FINDINGS)[0]) == 2
