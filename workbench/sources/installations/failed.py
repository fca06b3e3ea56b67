"""Failures that an installation's own records show, those of another state than failed too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from workbench.domain.try_names import try_key
from workbench.sources.installations.told import Told, TryNames
from workbench.sources.task_logs.records import Records
from workbench.sources.task_logs.rows import digest, template

FAILED = ("failed", "up_for_retry")
WAITING = ("queued", "scheduled")
STUCK_AFTER = timedelta(seconds=600)
"""Airflow itself gives a queued task up after that long ([scheduler] task_queued_timeout)."""
EVENT_KINDS = {"heartbeat timeout": "heartbeat-lost", "state mismatch": "killed"}
SETS_STATE = ("patch_task_instance", "set_task_instances_state", "task_instance_patch", "confirm")
TIMED_OUT = "The run timed out: the task was skipped before it ended"
TAKEN = ("state", "operator", "hostname", "queue", "pool", "max_tries")


def add_failures(told: Told, records: Records) -> None:
    """Add what the tries, the runs and the events show."""
    for names, row in told.tries.items():
        kind, at, message = _by_state(told, row)
        if kind:
            _add(told, records, names, row, kind=kind, at=at, message=message)
    for names, event, kind in _by_event(told):
        row = told.tries.get(names, {"origin_path": event["origin_path"]})
        message = event["text"] or event["event"]
        _add(
            told, records, names, row, kind=kind, at=event["at_utc"], message=message,
            path=event["origin_path"],
        )  # fmt: skip


def _by_state(told: Told, row: dict[str, Any]) -> tuple[str, Any, str | None]:
    state, ended = row["state"], row["ended_utc"]
    run = told.runs.get((row["dag_id"], row["run_id"]), {})
    if state in FAILED:
        return "task", ended or row["started_utc"], None
    if state == "skipped" and run.get("state") in ("failed", None):
        # what a branch skips has both times; a run that ends leaves the task as it was
        over = run.get("ended_utc")
        if ended is None or (over is not None and ended > over):
            return "skipped-by-timeout", over or ended or row["scheduled_utc"], TIMED_OUT
    if state in WAITING and told.latest is not None:
        since = row["queued_utc"] if state == "queued" else row["scheduled_utc"]
        since = since or row["scheduled_utc"]
        if since is not None and told.latest - since > STUCK_AFTER:
            pool = f" in pool {row['pool']}" if row["pool"] else ""
            return "stuck", since, f"The task stays {state}{pool} and does not start"
    return "", None, None


def _by_event(told: Told) -> Iterator[tuple[TryNames, dict[str, Any], str]]:
    latest: dict[tuple[Any, ...], int] = {}
    for names in told.tries:
        latest[names[:4]] = max(latest.get(names[:4], 0), names[4])
    for event in told.events:
        kind = EVENT_KINDS.get(event["event"] or "") or _set_from_outside(event)
        if not kind or not event["task_id"]:
            continue
        index = -1 if event["map_index"] is None else event["map_index"]
        task = (event["dag_id"], event["run_id"], event["task_id"], index)
        number = event["try_number"] if event["try_number"] is not None else latest.get(task)
        if number is not None:
            yield (*task, number), event, kind


def _set_from_outside(event: dict[str, Any]) -> str:
    if event["event"] not in SETS_STATE:
        return ""
    try:
        said = json.loads(event["text"] or "")
    except ValueError:
        return ""
    is_failed = isinstance(said, dict) and said.get("new_state", said.get("state")) == "failed"
    return "set-from-outside" if is_failed else ""


def _add(
    told: Told,
    records: Records,
    names: TryNames,
    row: dict[str, Any],
    *,
    kind: str,
    at: Any,
    message: str | None,
    path: str | None = None,
) -> None:
    dag_id, run_id, task_id, index, number = names
    key = try_key(
        site=told.origin.site, major=told.major, dag_id=dag_id, run_id=run_id, task_id=task_id,
        map_index=index, try_number=number,
    )  # fmt: skip
    made: dict[str, Any] = {
        "failure_id": key or digest(told.source, names, str(at)),
        "try_key": key,
        "airflow_version": told.major,
        "log_format": "none",
        "dag_id": dag_id,
        "run_id": run_id,
        "task_id": task_id,
        "map_index": index,
        "try_number": number,
        "at_utc": at,
        "message": message,
        "template": template(None, message) if message else None,
        "text": "",
        "origin_line": 0,
        "kind": kind,
        "source": told.source,
        **{name: row.get(name) for name in TAKEN},
        **{name: row.get(name) for name in ("queued_utc", "started_utc", "ended_utc")},
    }
    records.keep(made, path=path or row["origin_path"])
