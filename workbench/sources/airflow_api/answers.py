"""Answers of Airflow's REST API, v1 and v2, whatever they are wrapped in: records and logs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from workbench.sources.installations.told import Told, whole
from workbench.sources.task_logs.attempts import read_attempt
from workbench.sources.task_logs.lines import text_lines
from workbench.sources.task_logs.listener_lines import add_broken_file
from workbench.sources.task_logs.moments import moment
from workbench.sources.task_logs.records import Records
from workbench.sources.task_logs.rows import digest, failure_row

LISTS = ("task_instances", "dag_runs", "event_logs", "import_errors", "tasks")
PLACE = re.compile(
    r"dag_id=(?P<dag_id>[^/\\\s]+)/run_id=(?P<run_id>[^/\\]+)/task_id=(?P<task_id>[^/\\\s]+)/"
    r"(?:map_index=(?P<map_index>-?\d{1,9})/)?attempt=(?P<number>\d{1,9})\.log"
)
MARKERS = ("::group::", "::endgroup::")
DEPTH = 4
MOST_LITERAL = 32 << 20


def take(
    value: object,
    told: Told,
    records: Records,
    *,
    path: str,
    asked: Mapping[str, Any] | None = None,
) -> int:
    """Take every record that an answer holds.

    Parameters
    ----------
    value : object
        The parsed answer, or an object or list of several.
    told, records : Told, Records
        Where tries, runs and events go, and where failures with a text go.
    path : str
        The file that it stands in.
    asked : mapping, optional
        Names of the try whose log was asked for, of the DAG whose tasks were.

    Returns
    -------
    int
        Records found.
    """
    return _take(value, told, records, path, asked or {}, DEPTH)


def _take(
    value: object, told: Told, records: Records, path: str, asked: Mapping[str, Any], depth: int
) -> int:
    if isinstance(value, list):
        return sum(_item(item, told, records, path, asked) for item in value)
    if not isinstance(value, dict):
        return 0
    if "content" in value:
        return _log(value["content"], told, records, path, asked)
    found = 0
    for name in LISTS:
        if isinstance(value.get(name), list):
            found += _take(value[name], told, records, path, asked, depth)
    if found or any(isinstance(value.get(name), list) for name in LISTS):
        return found
    if _item(value, told, records, path, asked):
        return 1
    if depth:
        return sum(_take(v, told, records, path, asked, depth - 1) for v in value.values())
    return 0


def _item(item: object, told: Told, records: Records, path: str, asked: Mapping[str, Any]) -> int:
    if not isinstance(item, dict):
        return 0
    if "event_log_id" in item:
        told.add_event(item, path=path)
    elif "import_error_id" in item:
        _broken(item, told, records, path)
    elif "task_id" in item and "try_number" in item and ("dag_run_id" in item or "run_id" in item):
        told.add_try(item, path=path)
    elif "dag_run_id" in item and "state" in item:
        told.add_run(item, path=path)
    elif "task_id" in item and "downstream_task_ids" in item:
        waiting = item["downstream_task_ids"]
        dag_id = item.get("dag_id") or asked.get("dag_id")
        if not dag_id or not isinstance(waiting, list):
            return 0
        told.add_dependency(str(dag_id), item, waiting, path=path)
    else:
        return 0
    return 1


def _broken(item: Mapping[str, Any], told: Told, records: Records, path: str) -> None:
    add_broken_file(
        records,
        str(item.get("filename") or ""),
        str(item.get("stack_trace") or ""),
        at=moment(item.get("timestamp")),
        source=told.source,
        path=path,
        line=0,
        version=told.major,
    )


def _log(content: object, told: Told, records: Records, path: str, asked: Mapping[str, Any]) -> int:
    text = log_text(content)
    names: dict[str, Any] = dict(asked)
    if (found := PLACE.search(text)) and "task_id" not in names:
        names = {**found.groupdict(), "try_number": found["number"]}
    attempt = read_attempt(text_lines(_bare(text)), is_failure=False)
    if attempt.failed is None:
        return 1
    row = failure_row(attempt, attempt.failed, extra={})
    index = whole(names.get("map_index"))
    row |= {
        "airflow_version": told.major,
        "source": "log",
        "dag_id": names.get("dag_id") or attempt.ids.get("dag_id"),
        "run_id": names.get("run_id") or attempt.ids.get("run_id"),
        "task_id": names.get("task_id") or attempt.ids.get("task_id"),
        "map_index": -1 if index is None else index,
        "try_number": whole(names.get("try_number")),
    }
    # an own path: beside what the same answers say of the try without its log
    place = f"{path}#log"
    records.add(row, where=(place, digest(row["text"])), path=place)
    return 1


def log_text(content: object) -> str:
    """Lines of a log's content: a list of objects, NDJSON, or Python's text of pairs."""
    if isinstance(content, list):
        return "\n".join(
            json.dumps(item, ensure_ascii=False) if isinstance(item, dict) else _of_pair(item)
            for item in content
        )
    text = content if isinstance(content, str) else ""
    if text.startswith("[(") and len(text) <= MOST_LITERAL:
        try:
            pairs = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
        return "\n".join(_of_pair(pair) for pair in pairs)
    return text


def _of_pair(item: object) -> str:
    if isinstance(item, list | tuple) and len(item) == 2:
        return str(item[1])
    return str(item)


def _bare(text: str) -> str:
    """Drop the head that says where the server found the log."""
    lines = text.split("\n")
    at = 0
    while at < min(len(lines), 40):
        line = lines[at]
        if "::endgroup::" in line:
            head = lines[:at]
            if any("Log message source details" in said for said in head):
                return "\n".join(lines[at + 1 :])
            return text
        at += 1
    return text
