"""The frames that the lab answers with; what stands in them cannot be rebuilt by loading."""

from __future__ import annotations

import polars as pl

from workbench.domain.measurements import MEASUREMENTS as CURVE_COLUMNS
from workbench.domain.tables import Table, table

TEXT, INT, FLOAT = pl.String, pl.Int64, pl.Float64
_WHERE = table(
    "lab_measurements",
    {
        "scenario": (TEXT, "id of the scenario"),
        "engine": (TEXT, "database, version, and where it came from"),
        "rows_per_key": (INT, "rows that belong to one key"),
        "row_order": (TEXT, "clustered, round-robin or random"),
    },
)
MEASUREMENTS = Table(
    name=_WHERE.name,
    columns={**_WHERE.columns, **CURVE_COLUMNS.columns},
    key=("rows", "rows_per_key", "variant", "profile", "repetition"),
)
"""Server time is EXPLAIN ANALYZE's execution time with its triggers; client time is from asking to
the last row fetched, of another execution; both warm."""
PLANS = table(
    "lab_plans",
    {
        "rows": (INT, "rows of the scenario's table"),
        "rows_per_key": (INT, "rows that belong to one key"),
        "variant": (TEXT, "none, or the index that was there"),
        "profile": (TEXT, "which parameters"),
        "plan_signature": (TEXT, "the plan's shape"),
        "generic_signature": (TEXT, "shape under prepared statements' generic plan; null: SQLite"),
        "uses_index": (pl.Boolean, "whether the plan reads the variant's own index"),
        "returned": (INT, "rows that the query returned or touched"),
        "removed": (INT, "rows that a filter read and threw away"),
        "buffers": (INT, "pages of 8 kB that were looked at"),
        "buffers_read": (INT, "of them from outside PostgreSQL's own cache"),
        "cost": (FLOAT, "the planner's total cost"),
        "hoped_share": (FLOAT, "cost of a Limit / cost of its child: how early it hoped to stop"),
        "trigger_ms": (FLOAT, "milliseconds in triggers of foreign keys"),
        "plan": (TEXT, "the plan as JSON"),
    },
    key=("rows", "rows_per_key", "variant", "profile"),
)
BUILDS = table(
    "lab_builds",
    {
        "rows": (INT, "rows of the scenario's table"),
        "rows_per_key": (INT, "rows that belong to one key"),
        "variant": (TEXT, "none, or the index that was there"),
        "fill_seconds": (FLOAT, "to fill all tables and add their keys"),
        "build_seconds": (FLOAT, "to build the variant's index; null for none"),
        "index_bytes": (INT, "size of that index; null for none"),
        "insert_rows": (INT, "rows written to see what a write costs"),
        "insert_ms": (FLOAT, "milliseconds of that write"),
        "load_average": (FLOAT, "of the machine over the last minute; null where it has none"),
    },
    key=("rows", "rows_per_key", "variant"),
)
PHASES = table(
    "lab_phases",
    {
        "rows": (INT, "rows of the scenario's table"),
        "rows_per_key": (INT, "rows that belong to one key"),
        "settings": (TEXT, "of the session, as name=value"),
        "variant": (TEXT, "the index that was there"),
        "used": (pl.Boolean, "whether the planner takes it"),
        "plan_signature": (TEXT, "the plan's shape"),
        "cost": (FLOAT, "the planner's total cost"),
    },
    key=("rows", "rows_per_key", "settings", "variant"),
)
CALLS = table(
    "lab_calls",
    {
        "release": (TEXT, "of Airflow"),
        "database": (TEXT, "postgresql or sqlite"),
        "task_instances": (INT, "of one DAG run"),
        "position": (INT, "of the first waiting sensor among them, from 0"),
        "history_rows": (INT, "rows of old runs in task_reschedule"),
        "run": (INT, "which DAG run, from 0"),
        "table_name": (TEXT, "first table that the statement names"),
        "verb": (TEXT, "SELECT, UPDATE, ..."),
        "statement": (TEXT, "digest of the statement's text"),
        "site": (TEXT, "functions that asked, innermost first; empty when only counted"),
        "calls": (INT, "how often"),
        "total_ms": (FLOAT, "milliseconds of all of them"),
        "median_ms": (FLOAT, "milliseconds of one"),
        "min_ms": (FLOAT, "milliseconds of the fastest"),
        "max_ms": (FLOAT, "milliseconds of the slowest"),
        "step_seconds": (FLOAT, "the scheduler's whole step for this run"),
    },
    key=("release", "run", "table_name", "verb", "statement", "site"),
)
