"""A scheduler's log: tries whose heartbeat was lost, and those that died under the executor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.sources.task_logs.attempts import LOST_IDS
from workbench.sources.task_logs.entries import Entry, entries_of
from workbench.sources.task_logs.lines import Line
from workbench.sources.task_logs.moments import moment
from workbench.sources.task_logs.places import shown
from workbench.sources.task_logs.records import Records
from workbench.sources.task_logs.rows import clipped, number, storable, template
from workbench.sources.task_logs.verdicts import LOST
from workbench.text.redact import redact

MISMATCH = re.compile(
    r"<TaskInstance: (?P<dag_id>[^\s.>]+)\.(?P<task_id>[^\s>]+) (?P<run_id>\S+)"
    r"(?: map_index=(?P<map_index>-?\d{1,9}))? \[[a-z_]+\]> finished with state failed, but"
)
FINISHED = re.compile(
    r"TaskInstance Finished: dag_id=(?P<dag_id>[^,\s]+), task_id=(?P<task_id>[^,\s]+), "
    r"run_id=(?P<run_id>[^,\s]+), map_index=(?P<map_index>-?\d{1,9}), "
    r"run_start_date=(?P<started>[^,]+), run_end_date=(?P<ended>[^,]+), .{0,400}?"
    r"executor_state=(?P<executor>\w+), try_number=(?P<number>\d{1,9}), "
    r"max_tries=(?P<most>-?\d{1,9}), .{0,80}?pool=(?P<pool>[^,]+), queue=(?P<queue>[^,]+), "
    r".{0,80}?operator=(?P<operator>[^,]+)"
)
TRY = re.compile(r"try_number=(?P<number>\d{1,9})")
INDEX = re.compile(r"map_index=(?P<index>-?\d{1,9})")
HOST = re.compile(r"'Hostname': '(?P<host>[^']+)'")
Names = tuple[str, str, str, int]


def read_scheduler(records: Records, path: Path, lines: Iterator[Line]) -> None:
    """Read what only the scheduler knows; a try that it names several times is told once."""
    origin = shown(path)
    finished: dict[Names, dict[str, Any]] = {}
    told: dict[Names, dict[str, Any]] = {}
    for entry in entries_of(_watched(records, path, lines)):
        event = entry.event
        if event.startswith("TaskInstance Finished"):
            if found := FINISHED.search(event):
                finished[_names(found, found["map_index"])] = found.groupdict()
        elif LOST.search(event[:4_000]) and (found := LOST_IDS.search(event)):
            index = INDEX.search(event)
            names = _names(found, found["map_index"] or (index["index"] if index else None))
            told[names] = _row(entry, event, "heartbeat-lost")
        elif found := MISMATCH.search(event):
            names = _split(_names(found, found["map_index"]), finished)
            told.setdefault(names, _row(entry, event, "killed"))
    for names, row in told.items():
        _add(records, names, row, finished.get(names, {}), origin)


def _watched(records: Records, path: Path, lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        if line.fault:
            records.reject(path, line.number, line.fault)
        yield line


def _names(found: re.Match[str], index: str | None) -> Names:
    place = number(index)
    return found["dag_id"], found["run_id"], found["task_id"], -1 if place is None else place


def _split(names: Names, finished: Iterable[Names]) -> Names:
    """Part DAG and task where the scheduler does elsewhere: both may have dots in them."""
    whole = f"{names[0]}.{names[1]}"
    return next((n for n in finished if f"{n[0]}.{n[1]}" == whole and n[2:] == names[2:]), names)


def _row(entry: Entry, event: str, kind: str) -> dict[str, Any]:
    message = clipped(storable(redact(event)), 4_000)
    tried, host = TRY.search(event), HOST.search(event)
    return {
        "airflow_version": "2" if entry.style == "airflow2" else "3",
        "log_format": "none",
        "source": "scheduler",
        "kind": kind,
        "at_utc": moment(entry.at),
        "message": message,
        "template": template(None, message),
        "text": message,
        "hostname": host["host"] if host else None,
        "try_number": number(tried["number"]) if tried else None,
        "origin_line": entry.line,
    }


def _add(
    records: Records, names: Names, row: dict[str, Any], ended: dict[str, Any], origin: str
) -> None:
    dag_id, run_id, task_id, index = names
    row |= {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "map_index": index}
    if ended:
        row["try_number"] = row["try_number"] or number(ended["number"])
        row |= {name: ended[name] for name in ("operator", "pool", "queue")}
        row |= {"max_tries": number(ended["most"]), "started_utc": moment(ended["started"])}
    where = ("scheduler", names, str(row["at_utc"]))
    records.add({"exception": None, "extra": None, **row}, where=where, path=origin)
