"""Two versions of a detector on one history: what is gained, what is lost, what only moved."""

from __future__ import annotations

from tests.analysis.histories import SHAS, changes, commits, deltas, history
from tests.analysis.patterns import pattern
from workbench.analysis.history.backtest_pairs import compare, overlap
from workbench.domain.histories import History
from workbench.domain.patterns import PathRule

SQL = """
    SELECT sha, path, line + 0 AS line, module || '.' || qualname AS qualname
    FROM guards_deltas WHERE change = 'removed'
"""


def seen() -> History:
    """Three commits: two take a guard away, one adds one."""
    gone = {"change": "removed", "before": {"condition": "x", "exit": "return"}}
    new = {"change": "added", "after": {"condition": "x", "exit": "return"}}
    rows = [{**gone, "change_id": 0}, {**gone, "change_id": 1}, {**new, "change_id": 2}]
    return history(
        {
            "commits": commits(3),
            "file_changes": changes((0, "airflow/a.py"), (1, "airflow/b.py"), (2, "airflow/a.py")),
            "guards_deltas": deltas("guards", *rows),
        }
    )


def test_hits_that_only_one_version_has() -> None:
    """Gained and lost, each with its commit and place."""
    now = pattern(SQL.replace("removed", "added"), version=2)
    found = compare(now, pattern(SQL), seen())
    assert found.select("change", "sha", "path").rows() == [
        ("gained", SHAS[2], "airflow/a.py"),
        ("lost", SHAS[0], "airflow/a.py"),
        ("lost", SHAS[1], "airflow/b.py"),
    ]


def test_a_hit_on_another_line_of_the_same_thing_is_the_same() -> None:
    """So is one version against itself; skipped paths count for neither."""
    moved = pattern(SQL.replace("line + 0", "line + 1"), version=2)
    assert compare(moved, pattern(SQL), seen()).is_empty()
    rule = PathRule(id="a", globs=("airflow/a.py",), means="SKIP", why="pinned")
    now = pattern(SQL.replace("removed", "added"))
    found = compare(now, pattern(SQL), seen(), rules=[rule])
    assert found["sha"].to_list() == [SHAS[1]]


def test_patterns_that_share_nothing_are_no_pair() -> None:
    """Neither is a pattern with itself."""
    import polars as pl

    hit = pl.DataFrame({"sha": ["a", "b", "b", "c"], "pattern": ["X", "X", "Y", "Z"]})
    assert overlap(hit).rows() == [("X", "Y", 1, 1.0)]
    assert overlap(hit.clear()).is_empty()
