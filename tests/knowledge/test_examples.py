"""Examples prove a detector: what it must hit, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.pattern_folders import SHOP, TREES, write_pattern
from workbench.domain.patterns import HotPath, Pattern
from workbench.knowledge.checks import check_pattern
from workbench.knowledge.examples import run_examples
from workbench.knowledge.pattern_files import read_pattern_file, to_pattern

GUARDED = "def run(item):\n    if not item:\n        return None\n    return item.price\n"
GONE = """
SELECT sha, path, line, module || '.' || qualname AS qualname, before.condition AS name
FROM guards_deltas
WHERE change = 'removed'
"""


def _pattern(folder: Path) -> Pattern:
    read = read_pattern_file(folder)
    assert check_pattern(read) == ()
    return to_pattern(read)


def _said(root: Path, expect: Mapping[str, list[dict[str, Any]]], **changes: Any) -> list[str]:
    why = "A sentence that says why."
    listed = [{"name": n, "why": why, "expect": e} for n, e in expect.items()]
    trees = {path: text for path, text in TREES.items() if path.split("/")[0] in expect}
    folder = write_pattern(root, {"examples": listed, "stage": "draft"} | changes, trees=trees)
    return [f"{p.line} {p.key}: {p.what}" for p in run_examples(_pattern(folder))]


HIT = {"path": "src/shop.py", "line": 3}


@pytest.mark.parametrize(
    ("expect", "expected"),
    [
        pytest.param({"gone": [HIT], "body-only": []}, [], id="as said"),
        pytest.param({"gone": [HIT | {"severity": "HIGH", "qualname": "shop"}]}, [], id="all said"),
        pytest.param(
            {"gone": [HIT | {"line": 2}]},
            [
                "10 examples[0].expect[0]: Example gone is not hit at src/shop.py:2;"
                " hit instead: src/shop.py:3 shop HIGH."
            ],
            id="another line",
        ),
        pytest.param(
            {"gone": [HIT | {"severity": "LOW"}]},
            [
                "10 examples[0].expect[0]: Example gone is not hit at src/shop.py:3 LOW;"
                " hit instead: src/shop.py:3 shop HIGH."
            ],
            id="another severity",
        ),
        pytest.param(
            {"gone": [HIT | {"qualname": "hop"}]},
            [
                "10 examples[0].expect[0]: Example gone is not hit at src/shop.py:3 hop;"
                " hit instead: src/shop.py:3 shop HIGH."
            ],
            id="half a word of a name",
        ),
        pytest.param(
            {"body-only": [HIT]},
            [
                "10 examples[0].expect[0]: Example body-only is not hit at src/shop.py:3;"
                " nothing else is hit."
            ],
            id="nothing",
        ),
        pytest.param(
            {"gone": []},
            [
                "10 examples[0].expect: Example gone is clean, but it is hit at"
                " src/shop.py:3 shop HIGH."
            ],
            id="a clean case that hits",
        ),
        pytest.param(
            {"gone": [HIT, HIT]},
            [
                "10 examples[0].expect[1]: Example gone is not hit at src/shop.py:3;"
                " nothing else is hit."
            ],
            id="one hit serves one expectation",
        ),
    ],
)
def test_offenders(
    tmp_path: Path, expect: Mapping[str, list[dict[str, Any]]], expected: list[str]
) -> None:
    """Each offender says what was wanted, what came instead, and where that was promised."""
    assert _said(tmp_path, expect) == expected


def test_a_hit_that_nobody_expects(tmp_path: Path) -> None:
    """Two functions go, one of them was promised."""
    two = SHOP + "\n\ndef buy(item):\n    return item\n"
    trees = TREES | {"gone/before/src/two.py": two, "gone/after/src/two.py": ""}
    folder = write_pattern(tmp_path, {"stage": "draft"}, trees=trees)
    assert [p.what for p in run_examples(_pattern(folder))] == [
        "Example gone is hit once too often, at src/two.py:3 two HIGH."
    ]


def test_the_looser_expectation_leaves_the_exact_one_its_hit(tmp_path: Path) -> None:
    """Hits are shared out so that as many expectations as possible get one."""
    trees = {f"gone/before/src/{n}/shop.py": SHOP for n in "ab"}
    trees |= {f"gone/after/src/{n}/shop.py": "" for n in "ab"}
    expect = {"gone": [{"path": "src/a/shop.py"}, {"path": "src/b/shop.py", "line": 3}]}
    listed = [{"name": "gone", "why": "Both of them go.", "expect": expect["gone"]}]
    folder = write_pattern(tmp_path, {"examples": listed, "stage": "draft"}, trees=trees)
    assert run_examples(_pattern(folder)) == ()


def test_a_query_over_deltas(tmp_path: Path) -> None:
    """Facts and deltas of the miniatures are those of a loaded history."""
    trees = {
        "gone/before/src/shop.py": GUARDED,
        "gone/after/src/shop.py": "def run(item):\n    return item.price\n",
        "body-only/before/src/shop.py": GUARDED,
        "body-only/after/src/shop.py": GUARDED.replace("price", "cost"),
    }
    expect = [{"path": "src/shop.py", "line": 2, "qualname": "shop.run"}]
    why = "A sentence that says why."
    folder = write_pattern(
        tmp_path,
        {
            "detector": {"kind": "sql", "file": "detector.sql"},
            "examples": [
                {"name": "gone", "why": why, "expect": expect},
                {"name": "body-only", "why": why, "expect": []},
            ],
        },
        trees=trees,
        files={"detector.sql": GONE},
    )
    assert run_examples(_pattern(folder)) == ()


def test_each_pattern_sees_its_own_examples(tmp_path: Path) -> None:
    """Several patterns are proven at once, and none is blamed for what another one's hold."""
    query = "SELECT sha, path, 3 AS line, '' AS qualname, '' AS name FROM file_changes"
    changes = {
        "id": "E-everything",
        "stage": "draft",
        "detector": {"kind": "sql", "file": "detector.sql"},
        "examples": [{"name": "gone", "why": "Every change hits.", "expect": [HIT]}],
    }
    trees = {path: text for path, text in TREES.items() if path.startswith("gone")}
    wide = write_pattern(tmp_path, changes, trees=trees, files={"detector.sql": query})
    narrow = write_pattern(tmp_path)
    assert run_examples([_pattern(wide), _pattern(narrow)]) == ()


def test_a_detector_that_asks_for_hot_paths(tmp_path: Path) -> None:
    """They are handed on."""
    query = "SELECT sha, path, 3 AS line, h.qualname, '' AS name FROM file_changes, hot_paths AS h"
    changes = {
        "detector": {"kind": "sql", "file": "detector.sql"},
        "examples": [{"name": "gone", "why": "The loop itself goes.", "expect": [HIT]}],
        "stage": "draft",
    }
    trees = {path: text for path, text in TREES.items() if path.startswith("gone")}
    folder = write_pattern(tmp_path, changes, trees=trees, files={"detector.sql": query})
    hot_path = HotPath(qualname="shop.sell", multiplicity="per-loop", why="Sold in a loop.")
    assert run_examples(_pattern(folder), [hot_path]) == ()
    assert len(run_examples(_pattern(folder))) == 1


def test_a_detector_that_does_not_run(tmp_path: Path) -> None:
    """It is one problem, not a crash, and other patterns go on."""
    query = "SELECT sha, path, 'three' AS line, '' AS qualname, '' AS name FROM file_changes"
    changes = {"detector": {"kind": "sql", "file": "detector.sql"}}
    folder = write_pattern(tmp_path, changes, files={"detector.sql": query})
    (found,) = run_examples(_pattern(folder))
    assert found.key == "detector"
    assert "line is String" in found.what


def test_a_miniature_that_does_not_parse(tmp_path: Path) -> None:
    """It would be clean for every detector over facts, so it is an offender."""
    trees = TREES | {"body-only/after/src/shop.py": "def sell(:\n"}
    folder = write_pattern(tmp_path, trees=trees)
    found = [p for p in run_examples(_pattern(folder)) if p.key == "examples[1]"]
    assert "src/shop.py does not parse" in found[0].what
