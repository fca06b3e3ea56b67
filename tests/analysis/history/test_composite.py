"""Several kinds of risk in one commit raise each other."""

from __future__ import annotations

import polars as pl
import pytest

from tests.analysis.histories import SHAS
from tests.analysis.patterns import pattern
from workbench.analysis.history.composite import raised
from workbench.domain.frames import HITS

PATTERNS = [
    pattern("SELECT 1", id="A-one", tags=("composite",)),
    pattern("SELECT 1", id="P-two", tags=("composite", "hot-path")),
    pattern("SELECT 1", id="C-name", tags=("api",)),
]


def hits(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """One hit for each (sha, pattern, severity), each in a file of its own."""
    return HITS.frame(
        [
            {
                "sha": sha,
                "path": f"pkg/{n}.py",
                "line": 1,
                "side": "after",
                "pattern": pattern,
                "stage": "trial",
                "severity": severity,
                "qualname": "pkg.f",
                "names": ["pkg.f"],
                "message": "It is.",
            }
            for n, (sha, pattern, severity) in enumerate(rows)
        ]
    )


def severities(*rows: tuple[str, str, str]) -> list[str]:
    return raised(hits(*rows), PATTERNS)["severity"].to_list()


ONE, TWO = SHAS[:2]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(ONE, "A-one", "MEDIUM"), (ONE, "P-two", "MEDIUM")], ["MEDIUM-HIGH"] * 2),
        ([(ONE, "A-one", "HIGH"), (ONE, "P-two", "MEDIUM-HIGH")], ["HIGH", "HIGH"]),
        ([(ONE, "A-one", "CRITICAL"), (ONE, "P-two", "MEDIUM")], ["CRITICAL", "MEDIUM-HIGH"]),
        ([(ONE, "A-one", "MEDIUM"), (ONE, "A-one", "MEDIUM")], ["MEDIUM", "MEDIUM"]),
        ([(ONE, "A-one", "MEDIUM"), (ONE, "P-two", "LOW")], ["MEDIUM", "LOW"]),
        ([(ONE, "A-one", "MEDIUM"), (ONE, "C-name", "HIGH")], ["MEDIUM", "HIGH"]),
        ([(ONE, "A-one", "MEDIUM"), (TWO, "P-two", "MEDIUM")], ["MEDIUM", "MEDIUM"]),
        (
            [(ONE, "A-one", "MEDIUM"), (ONE, "P-two", "MEDIUM"), (ONE, "C-name", "MEDIUM")],
            ["MEDIUM-HIGH", "MEDIUM-HIGH", "MEDIUM"],
        ),
        (
            [("release:1..2", "A-one", "MEDIUM"), ("release:1..2", "P-two", "MEDIUM")],
            ["MEDIUM"] * 2,
        ),
        ([], []),
    ],
)
def test_two_kinds_of_risk_raise_each_other(
    rows: list[tuple[str, str, str]], expected: list[str]
) -> None:
    """One step, to HIGH at most, in one commit; of a release in one file."""
    assert severities(*rows) == expected


def test_in_a_release_one_file_speaks_for_itself() -> None:
    """Two patterns in one file of a release do raise each other."""
    found = hits(("release:1..2", "A-one", "MEDIUM"), ("release:1..2", "P-two", "MEDIUM"))
    same = found.with_columns(path=pl.lit("pkg/one.py"))
    assert raised(same, PATTERNS)["severity"].to_list() == ["MEDIUM-HIGH", "MEDIUM-HIGH"]
