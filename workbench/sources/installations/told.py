"""Records of an installation under one set of names, whichever source and version told them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from workbench.domain.failures import FAILURE_TABLES
from workbench.sources.task_logs.moments import moment
from workbench.sources.task_logs.records import Origin
from workbench.sources.task_logs.rows import storable
from workbench.text.redact import redact

MOST = 2**31 - 1
NAMES = ("dag_id", "task_id", "state", "hostname", "queue", "pool")
OTHER_NAMES = {
    "run_id": ("run_id", "dag_run_id"),
    "operator": ("operator", "custom_operator_name", "operator_name"),
}
TIMES = {
    "queued_utc": ("queued_dttm", "queued_when"),
    "scheduled_utc": ("scheduled_dttm", "scheduled_when"),
    "started_utc": ("start_date",),
    "ended_utc": ("end_date",),
}
TryNames = tuple[str | None, str | None, str | None, int, int]


@dataclass(slots=True, kw_only=True)
class Told:
    """Tries, runs, events and dependencies; rows as their tables declare them."""

    origin: Origin
    source: str
    major: str
    tries: dict[TryNames, dict[str, Any]] = field(default_factory=dict)
    runs: dict[tuple[str | None, str | None], dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    dependencies: list[dict[str, Any]] = field(default_factory=list)
    latest: datetime | None = None

    def add_try(self, given: Mapping[str, Any], *, path: str) -> None:
        """Take one try, of the current ones or of the history."""
        row = self._row(given, path) | {"airflow_version": self.major}
        row |= {name: _name(given.get(name)) for name in NAMES}
        for name, keys in OTHER_NAMES.items():
            row[name] = next((_name(given[k]) for k in keys if given.get(k)), None)
        for name, keys in TIMES.items():
            row[name] = next((moment(given[k]) for k in keys if given.get(k)), None)
            self._see(row[name])
        index = whole(given.get("map_index"))
        row["map_index"] = -1 if index is None else index
        row["try_number"] = max(whole(given.get("try_number")) or 0, 0)
        row["max_tries"] = whole(given.get("max_tries"))
        key = (row["dag_id"], row["run_id"], row["task_id"], row["map_index"], row["try_number"])
        self.tries[key] = row

    def add_run(self, given: Mapping[str, Any], *, path: str) -> None:
        """Take one run."""
        row = self._row(given, path)
        row |= {name: _name(given.get(name)) for name in ("dag_id", "run_type", "state")}
        row["run_id"] = _name(given.get("run_id") or given.get("dag_run_id"))
        row["logical_utc"] = moment(given.get("logical_date") or given.get("execution_date"))
        row["queued_utc"] = moment(given.get("queued_at"))
        row["started_utc"] = moment(given.get("start_date"))
        row["ended_utc"] = moment(given.get("end_date"))
        self._see(row["ended_utc"])
        self.runs[row["dag_id"], row["run_id"]] = row

    def add_event(self, given: Mapping[str, Any], *, path: str) -> None:
        """Take one entry of the event log."""
        row = self._row(given, path)
        event_id = given.get("event_log_id", given.get("id"))
        row |= {"event_id": str(event_id), "at_utc": moment(given.get("when", given.get("dttm")))}
        for name in ("dag_id", "run_id", "task_id", "event", "owner"):
            row[name] = _name(given.get(name))
        row["map_index"] = whole(given.get("map_index"))
        tried = whole(given.get("try_number"))
        row["try_number"] = tried if tried is not None and tried >= 0 else None
        row["text"] = _name(given.get("extra"), most=8_000)
        self._see(row["at_utc"])
        self.events.append(row)

    def add_dependency(
        self, dag_id: str, task: Mapping[str, Any], downstream: Iterable[str], *, path: str
    ) -> None:
        """Take a task and the tasks that wait for it."""
        for other in sorted({str(name) for name in downstream}) or [""]:
            row = self._row(task, path)
            row |= {"dag_id": _name(dag_id), "task_id": _name(task.get("task_id"))}
            row |= {"downstream_task_id": storable(redact(other)) if other else ""}
            row["operator"] = _name(task.get("operator_name") or task.get("operator"))
            row["trigger_rule"] = _name(task.get("trigger_rule"))
            self.dependencies.append(row)

    def frames(self) -> dict[str, pl.DataFrame]:
        """What was told, but for the failures."""
        rows = {
            "task_tries": list(self.tries.values()),
            "dag_runs": list(self.runs.values()),
            "task_events": self.events,
            "task_dependencies": self.dependencies,
        }
        return {n: FAILURE_TABLES[n].frame(found) for n, found in rows.items() if found}

    def _row(self, given: Mapping[str, Any], path: str) -> dict[str, Any]:
        del given
        return {
            "case_id": self.origin.case_id,
            "site": self.origin.site,
            "loaded_from": self.origin.loaded_from,
            "origin_path": path,
            "origin_line": 0,
        }

    def _see(self, at: datetime | None) -> None:
        if at is not None and (self.latest is None or at > self.latest):
            self.latest = at


def whole(value: object) -> int | None:
    """A whole number that fits its column; null for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if abs(number) <= MOST else None


def _name(value: object, most: int = 2_000) -> str | None:
    if value is None or value == "" or isinstance(value, list | dict):
        return None
    text = value if isinstance(value, str) else str(value)
    return storable(redact(text[:most]))
