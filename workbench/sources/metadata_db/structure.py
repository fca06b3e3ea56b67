"""Tasks and what waits for them, out of a DAG as Airflow serializes it, in 2.x and 3.x."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from workbench.sources.installations.told import Told

MOST_BYTES = 64 << 20


def add_structure(row: Mapping[str, Any], told: Told, *, path: str) -> str:
    """Take the tasks of a row of ``serialized_dag``; say what is wrong with it, if anything."""
    dag_id = str(row.get("dag_id") or "")
    try:
        dag = _dag(row)
    except (ValueError, zlib.error, RecursionError) as fault:
        return f"the structure of {dag_id} cannot be read: {str(fault)[:100]}"
    tasks = dag.get("tasks")
    if not isinstance(tasks, list):
        return f"the structure of {dag_id} has no list of tasks"
    for item in tasks:
        task = _inner(item)
        if "task_id" not in task:
            continue
        waiting = _inner_list(task.get("downstream_task_ids"))
        operator = task.get("task_type") or task.get("_task_type")
        said = {
            "task_id": task["task_id"],
            "operator": operator,
            "trigger_rule": task.get("trigger_rule") or "all_success",
        }
        told.add_dependency(dag_id, said, [str(name) for name in waiting], path=path)
    return ""


def _dag(row: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = row.get("data")
    packed = row.get("data_compressed")
    if value is None and isinstance(packed, bytes | memoryview):
        unpacking = zlib.decompressobj()
        value = unpacking.decompress(bytes(packed), MOST_BYTES)
        if unpacking.unconsumed_tail:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    if isinstance(value, bytes | memoryview):
        value = bytes(value).decode("utf-8", "replace")
    if isinstance(value, str):
        value = json.loads(value)
    dag = value.get("dag") if isinstance(value, dict) else None
    if not isinstance(dag, dict):
        raise ValueError("there is no DAG in it")
    return dag


def _inner(item: object) -> dict[str, Any]:
    """A task, or what a wrapper of type and value holds."""
    inside = item.get("__var", item) if isinstance(item, dict) else {}
    return inside if isinstance(inside, dict) else {}


def _inner_list(value: object) -> list[Any]:
    inside = value.get("__var", []) if isinstance(value, dict) else value
    return list(inside) if isinstance(inside, list | tuple | set) else []
