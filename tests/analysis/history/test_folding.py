"""Folding: one cause is read once, and nothing is lost from the count."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS
from workbench.analysis.history.folding import fold
from workbench.domain.findings import FINDINGS


def findings(*rows: dict[str, Any]) -> pl.DataFrame:
    """Findings that break one downstream unless they say otherwise."""
    body = {
        "sha": SHAS[0],
        "path": "src/pkg/a.py",
        "line": 1,
        "severity": "HIGH",
        "kind": "break",
        "downstream": "ours",
        "qualname": "pkg.a.Box",
        "also": [],
        "outcome": "not-verified",
    }
    return FINDINGS.frame([body | row for row in rows])


def left(*rows: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Pattern and ``also`` of what is left."""
    return fold(findings(*rows)).select("pattern", "also").rows()


OPEN, SHUT = "pkg.a.Box.open", "pkg.a.Box.shut"


@pytest.mark.parametrize(
    ("one", "two", "kept"),
    [
        # The same names: what is shown stays, then what is worse, then what comes first.
        ({"outcome": "arity-mismatch"}, {"severity": "CRITICAL"}, [("G", ["C"])]),
        ({"severity": "MEDIUM"}, {}, [("C", ["G"])]),
        ({}, {}, [("C", ["G"])]),
        # A part of the names, or what hangs on them.
        ({"names": [OPEN, SHUT]}, {}, [("G", ["C"])]),
        ({"names": ["pkg.a.Box"]}, {"severity": "MEDIUM"}, [("G", ["C"])]),
        # Other names, another commit, downstream or kind.
        ({"names": [SHUT]}, {}, [("C", []), ("G", [])]),
        ({"names": [OPEN, SHUT]}, {"names": [OPEN, "pkg.b"]}, [("C", []), ("G", [])]),
        ({"sha": SHAS[1]}, {}, [("C", []), ("G", [])]),
        ({"downstream": "theirs"}, {}, [("C", []), ("G", [])]),
        ({"kind": "deprecated"}, {}, [("C", []), ("G", [])]),
    ],
)
def test_what_is_folded(
    one: dict[str, Any], two: dict[str, Any], kept: list[tuple[str, list[str]]]
) -> None:
    """G, and C on the same method of the same commit, into one where one tells it all."""
    rows = [{"pattern": "G", "names": [OPEN]} | one, {"pattern": "C", "names": [OPEN]} | two]
    assert sorted(left(*rows)) == sorted(kept)
    assert sorted(left(*rows[::-1])) == sorted(kept)


def test_three_patterns_on_one_rename_are_one_finding() -> None:
    """All that were folded are named, in order."""
    rows = [{"pattern": p, "names": [OPEN]} for p in ("G", "C", "E")]
    assert left(*rows) == [("C", ["E", "G"])]


def test_for_everyone_it_is_the_function_that_counts() -> None:
    """Two patterns in one function on a hot path are one finding."""
    everyone = {"kind": "everyone", "downstream": None}
    rows = [
        {"pattern": "P", "names": ["pkg.a.Box"], **everyone},
        {"pattern": "Q", "names": ["select TaskInstance"], **everyone, "qualname": "pkg.a.f"},
        {"pattern": "A", "names": ["pkg.a.Box"], **everyone},
    ]
    assert left(*rows) == [("A", ["P"]), ("Q", [])]


def test_nothing_folds_to_nothing() -> None:
    """An empty frame stays one, of the declared shape."""
    assert FINDINGS.check(fold(FINDINGS.empty())).is_empty()
