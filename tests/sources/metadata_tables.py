"""A metadata database in miniature, as 3.x and 2.x lay their tables out."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

SCHEMAS = {
    "3": {
        "task_instance": (
            "id, task_id, dag_id, run_id, map_index, start_date, end_date, state, try_number, "
            "max_tries, hostname, pool, queue, operator, custom_operator_name, queued_dttm, "
            "scheduled_dttm, executor_config"
        ),
        "task_instance_history": (
            "task_id, dag_id, run_id, map_index, start_date, end_date, state, try_number, "
            "max_tries, hostname, pool, queue, operator, queued_dttm, scheduled_dttm"
        ),
        "dag_run": (
            "dag_id, run_id, queued_at, logical_date, start_date, end_date, state, run_type, "
            "bundle_version"
        ),
        "log": "id, dttm, dag_id, task_id, map_index, event, run_id, owner, extra, try_number",
        "import_error": "id, timestamp, filename, bundle_name, stacktrace",
        "serialized_dag": "dag_id, data, data_compressed, last_updated",
    },
}
SCHEMAS["2"] = {
    **SCHEMAS["3"],
    "dag_run": "dag_id, run_id, queued_at, execution_date, start_date, end_date, state, run_type",
    "import_error": "id, timestamp, filename, stacktrace",
}
DAY = "2026-03-02"


def at(clock: str) -> str:
    """A time of the day, as SQLite holds Airflow's."""
    return f"{DAY} {clock}:00.000000"


def dag(*tasks: tuple[str, list[str]], wrapped: bool = True) -> str:
    """A serialized DAG whose tasks name what waits for them."""
    inner = [
        {"task_id": name, "downstream_task_ids": down, "task_type": "PythonOperator"}
        for name, down in tasks
    ]
    every = [{"__type": "operator", "__var": task} for task in inner] if wrapped else inner
    return json.dumps({"__version": 2, "dag": {"dag_id": "d", "tasks": every}})


def statements(version: str) -> list[tuple[str, dict[str, object]]]:
    """Rows of a day on which everything goes wrong that can."""
    task = {"dag_id": "d", "run_id": "r", "map_index": -1, "try_number": 1, "pool": "p"}
    done = {"start_date": at("04:00"), "end_date": at("04:05")}
    over = {**task, "run_id": "late"}
    structure = dag(("flaky", ["load"]), ("load", []))
    packed = {"data": None, "data_compressed": zlib.compress(structure.encode())}
    rows: list[tuple[str, dict[str, object]]] = [
        ("task_instance", {**task, **done, "task_id": "flaky", "try_number": 2, "state": "failed"}),
        ("task_instance_history", {**task, **done, "task_id": "flaky", "state": "failed"}),
        ("task_instance", {**task, **done, "task_id": "fine", "state": "success"}),
        ("task_instance", {**over, "task_id": "slow", "state": "skipped"}),
        ("task_instance", {**over, **done, "task_id": "branch", "state": "skipped"}),
        (
            "task_instance",
            {**task, "task_id": "stuck", "state": "queued", "queued_dttm": at("04:00")},
        ),
        (
            "task_instance",
            {**task, "task_id": "soon", "state": "scheduled", "scheduled_dttm": at("05:55")},
        ),
        ("task_instance", {**task, **done, "task_id": "lost", "state": "failed"}),
        ("dag_run", {"dag_id": "d", "run_id": "r", "state": "running"}),
        ("dag_run", {"dag_id": "d", "run_id": "late", "state": "failed", "end_date": at("06:00")}),
        (
            "log",
            {
                "id": 1, "dttm": at("04:06"), "event": "heartbeat timeout", "dag_id": "d",
                "run_id": "r", "task_id": "lost", "map_index": -1, "try_number": 1,
                "extra": "no heartbeat; token=abcdefgh12345678",
            },
        ),
        ("log", {"id": 2, "dttm": at("04:07"), "event": "cli_scheduler"}),
        (
            "import_error",
            {"id": 1, "timestamp": at("04:00"), "filename": "x.py", "stacktrace": "ImportError: y"},
        ),
        ("serialized_dag", {"dag_id": "d", **packed} if version == "3" else {
            "dag_id": "d", "data": structure,
        }),
        ("serialized_dag", {"dag_id": "bad", "data": "{"}),
    ]  # fmt: skip
    return rows


def sqlite_file(folder: Path, version: str = "3") -> Path:
    """The day in a SQLite file."""
    path = folder / f"airflow{version}.db"
    with sqlite3.connect(path) as connection:
        for table, columns in SCHEMAS[version].items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
        for table, row in statements(version):
            marks = ", ".join("?" * len(row))
            connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())
            )
    connection.close()
    return path
