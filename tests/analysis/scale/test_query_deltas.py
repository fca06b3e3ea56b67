"""Query deltas: the cost of the window between two snapshots, resets said."""

from __future__ import annotations

import json

import polars as pl
import pytest

from workbench.analysis.scale.query_deltas import QUERY_DELTAS, query_deltas
from workbench.domain.frames import QUERY_STATS
from workbench.errors import WorkbenchError


def _snapshot(*rows: tuple[str, int, float], **said: object) -> pl.DataFrame:
    return QUERY_STATS.frame(
        [
            {
                "snapshot": "s",
                "queryid": queryid,
                "query": f"select {queryid}",
                "calls": calls,
                "total_exec_ms": total,
                "mean_exec_ms": total / calls if calls else None,
                "extra": json.dumps({name: str(value) for name, value in said.items()}),
            }
            for queryid, calls, total in rows
        ]
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([("q", 100, 34_200.0)], [("q", 300, 34_203.8)], ("q", "same", 200, 3.8)),
        ([], [("q", 40, 13.0)], ("q", "new", 40, 13.0)),
        ([("q", 100, 500.0)], [("q", 10, 2.0)], ("q", "reset", 10, 2.0)),
        ([("q", 100, 500.0)], [("q", 200, 4.0)], ("q", "reset", 200, 4.0)),
        ([("q", 100, 500.0)], [("q", 100, 500.0)], ("q", "same", 0, 0.0)),
        ([("q", 100, 500.0)], [], ("q", "gone", None, None)),
    ],
)
def test_the_window_is_the_difference(
    before: list[tuple[str, int, float]],
    after: list[tuple[str, int, float]],
    expected: tuple[str, str, int | None, float | None],
) -> None:
    """Each query's calls and milliseconds between the snapshots; a reset counts from zero."""
    (row,) = query_deltas(_snapshot(*before), _snapshot(*after)).iter_rows(named=True)
    said = (row["queryid"], row["status"], row["calls"], row["total_ms"])
    assert said[:3] == expected[:3]
    assert said[3] == (None if expected[3] is None else pytest.approx(expected[3], abs=1e-9))


def test_the_mean_of_the_window_is_not_the_mean_so_far() -> None:
    """A query that an index made fast shows it at once, however slow it had been before."""
    slow = _snapshot(("q", 1_000, 342_000.0))
    fast = _snapshot(("q", 2_000, 342_019.0))
    (row,) = query_deltas(slow, fast).iter_rows(named=True)
    assert row["mean_before_ms"] == pytest.approx(342.0)
    assert row["mean_ms"] == pytest.approx(0.019)


def test_the_costliest_comes_first_and_nobody_gets_lost() -> None:
    """Rows are sorted by milliseconds in the window, then queryid; every query is there."""
    before = _snapshot(("a", 1, 1.0), ("b", 1, 1.0), ("gone", 5, 9.0), ("idle", 3, 3.0))
    after = _snapshot(("a", 2, 3.0), ("b", 2, 3.0), ("new", 1, 50.0), ("idle", 3, 3.0))
    made = query_deltas(before, after)
    assert made["queryid"].to_list() == ["new", "a", "b", "idle", "gone"]
    assert made["mean_ms"].to_list() == [50.0, 2.0, 2.0, None, None]
    assert made.equals(QUERY_DELTAS.check(made))


def test_other_columns_are_refused() -> None:
    """A frame that is no snapshot is the caller's mistake."""
    with pytest.raises(WorkbenchError, match="queryid"):
        query_deltas(pl.DataFrame({"x": [1]}), _snapshot())


@pytest.mark.parametrize(
    ("then", "now", "status", "sure"),
    [
        ({}, {}, "same", True),
        ({"stats_since": "1 May"}, {"stats_since": "1 May"}, "same", True),
        ({"stats_since": "1 May"}, {"stats_since": "2 May"}, "reset", False),
        ({"stats_reset": "1 May"}, {"stats_reset": "2 May"}, "reset", False),
        ({"stats_reset": "1 May"}, {}, "same", True),
        ({"dealloc": 3}, {"dealloc": 3}, "same", True),
        ({"dealloc": 3}, {"dealloc": 4}, "same", False),
        (
            {"dealloc": 3, "stats_since": "1 May"},
            {"dealloc": 4, "stats_since": "1 May"},
            "same",
            True,
        ),
        ({"dealloc": "?"}, {"dealloc": 4}, "same", True),
    ],
)
def test_a_reset_that_the_counts_do_not_show(
    then: dict[str, object], now: dict[str, object], status: str, sure: bool
) -> None:
    """Counts that passed their old value again after a reset are told by where they begin."""
    made = query_deltas(_snapshot(("q", 100, 50.0), **then), _snapshot(("q", 300, 90.0), **now))
    (row,) = made.iter_rows(named=True)
    assert (row["status"], row["sure"]) == (status, sure)
    assert row["calls"] == (300 if status == "reset" else 200)


def test_one_query_is_asked_for_by_its_text() -> None:
    """Upper and lower case alike; signs of a pattern are themselves."""
    before, after = _snapshot(("a(1)", 1, 1.0), ("b", 1, 1.0)), _snapshot(("a(1)", 5, 9.0))
    assert query_deltas(before, after, query="SELECT A(1)")["calls"].to_list() == [4]
    assert query_deltas(before, after, query="a.1").is_empty()
