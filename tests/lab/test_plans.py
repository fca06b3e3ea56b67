"""Plans: one line of shape, rows thrown away, and what the planner hoped for."""

from __future__ import annotations

import json
from typing import Any

from workbench.lab.plans import read_plan, read_sqlite_plan

WALK: dict[str, Any] = {
    "Plan": {
        "Node Type": "Limit",
        "Total Cost": 320.0,
        "Actual Rows": 0.0,
        "Actual Loops": 1,
        "Shared Hit Blocks": 900,
        "Shared Read Blocks": 100,
        "Plans": [
            {
                "Node Type": "Index Scan",
                "Scan Direction": "Backward",
                "Index Name": "rows_pkey",
                "Relation Name": "rows",
                "Schema": "workbench_lab",
                "Filter": "(owner = 1)",
                "Rows Removed by Filter": 900002,
                "Total Cost": 32000.0,
                "Actual Rows": 0.0,
                "Actual Loops": 1,
            }
        ],
    },
    "Execution Time": 183.4,
}
DELETE: dict[str, Any] = {
    "Plan": {
        "Node Type": "ModifyTable",
        "Relation Name": "owners",
        "Schema": "workbench_lab",
        "Total Cost": 8.0,
        "Actual Rows": 0,
        "Actual Loops": 1,
        "Plans": [
            {
                "Node Type": "Bitmap Heap Scan",
                "Relation Name": "owners",
                "Total Cost": 8.0,
                "Actual Rows": 2.0,
                "Actual Loops": 3,
                "Rows Removed by Index Recheck": 4,
            }
        ],
    },
    "Triggers": [
        {"Trigger Name": "RI_1", "Constraint Name": "rows_fkey", "Time": 189.8, "Calls": 1},
        {"Trigger Name": "RI_2", "Calls": 0, "Time": 0.0},
    ],
    "Execution Time": 190.1,
}


def test_a_backward_walk_with_a_filter() -> None:
    """The shape names direction, index and filter; the hope is the Limit's share of the cost."""
    plan = read_plan(WALK)
    assert plan.signature == "Limit(Index Scan Backward rows_pkey(filter))"
    assert (plan.server_ms, plan.removed, plan.returned) == (183.4, 900_002, 0)
    assert (plan.buffers, plan.buffers_read) == (1000, 100)
    assert plan.hoped_share == 0.01
    assert plan.indexes == ("rows_pkey",)
    assert plan.relations == (("workbench_lab", "rows"),)
    assert json.loads(plan.text) == WALK


def test_a_delete_touches_rows_and_fires_triggers() -> None:
    """Rows are counted over loops, under the node that changes; only triggers that fired count."""
    plan = read_plan(DELETE)
    assert plan.signature == "ModifyTable owners(Bitmap Heap Scan owners) + trigger rows_fkey"
    assert (plan.returned, plan.removed, plan.trigger_ms) == (6, 12, 189.8)
    assert plan.hoped_share is None


def test_a_plan_that_was_not_run_measures_nothing() -> None:
    """Cost is there; rows, time and buffers are unknown, not zero."""
    plan = read_plan({"Plan": {"Node Type": "Seq Scan", "Total Cost": 5.0, "Relation Name": "t"}})
    assert plan.signature == "Seq Scan t"
    assert plan.cost == 5.0
    unknown = (plan.server_ms, plan.removed, plan.returned, plan.buffers, plan.trigger_ms)
    assert set(unknown) == {None}


def test_sqlite_tells_its_indexes() -> None:
    """By the line, covering or not; a table that is scanned has none."""
    lines = ["SEARCH t USING COVERING INDEX lab_plain (a=?)", "USE TEMP B-TREE FOR ORDER BY"]
    assert read_sqlite_plan(lines).indexes == ("lab_plain",)
    assert read_sqlite_plan(["SCAN t"]).indexes == ()
