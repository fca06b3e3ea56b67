"""Lines of a listener inside Airflow: failed tries, broken DAG files, failed runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.domain.try_names import file_key, major_version
from workbench.sources.task_logs.chains import Chain, Raised
from workbench.sources.task_logs.lines import Line
from workbench.sources.task_logs.moments import moment
from workbench.sources.task_logs.places import shown
from workbench.sources.task_logs.records import Records
from workbench.sources.task_logs.rows import as_json, as_told, clipped, storable, template
from workbench.sources.task_logs.tracebacks import chain_of_text, likely_exception
from workbench.text.redact import redact

TASK_HOOKS = ("task_failed", "failed")
FILE_HOOKS = ("import_error", "new_import_error", "existing_import_error")
RUN_HOOKS = ("dag_run_failed",)
MOST_ID = 2**31 - 1
COLUMNS = ("state", "operator", "hostname", "queue", "pool")
LOST = ("heartbeat", "'DAG Id':", "zombie")
OUTSIDE = ("manually set", "externally set", "state mismatch")


def is_listener_line(value: dict[str, Any]) -> bool:
    """Whether an object is what the listener writes."""
    hooks = (*TASK_HOOKS, *FILE_HOOKS, *RUN_HOOKS)
    return value.get("hook") in hooks and ("workbench_listener" in value or "t" in value)


def read_listener(records: Records, path: Path, lines: Iterator[Line]) -> None:
    """Read what a listener wrote."""
    origin = shown(path)
    for line in lines:
        if not line.text.strip():
            continue
        try:
            value = json.loads(line.text, parse_constant=str)
        except (ValueError, RecursionError):
            records.reject(path, line.number, line.fault or "the line is no JSON object")
            continue
        if not isinstance(value, dict) or not is_listener_line(value):
            records.reject(path, line.number, "the line is not what a listener writes")
        elif value["hook"] in TASK_HOOKS:
            _task(records, value, line.number, origin)
        elif value["hook"] in FILE_HOOKS:
            text = value.get("traceback") or value.get("last") or ""
            at = moment(value.get("at", value.get("t")))
            add_broken_file(
                records, str(value.get("filename") or ""), str(text), at=at, source="listener",
                path=origin, line=line.number, version=_version(value),
            )  # fmt: skip


def add_broken_file(
    records: Records,
    filename: str,
    text: str,
    *,
    at: Any,
    source: str,
    path: str,
    line: int,
    version: str | None,
) -> None:
    """Take a DAG file that does not load as a failure of its own."""
    text = clipped(storable(redact(text))).strip()
    chain = chain_of_text(text.split("\n")) or likely_exception(text.split("\n"))
    exception = chain[0].name if chain else None
    message = chain[0].message if chain else (text.split("\n")[-1] if text else "")
    file = storable(redact(filename))
    key = file_key(
        site=records.origin.site,
        major=major_version(version, None),
        filename=file,
        error=f"{exception}: {message}",
    )
    records.keep(
        {
            "failure_id": key,
            "try_key": key,
            "airflow_version": version,
            "log_format": "none",
            "map_index": -1,
            "at_utc": at,
            "exception": exception,
            "message": message,
            "template": template(exception, message),
            "text": text,
            "origin_line": line,
            "kind": "import-error",
            "source": source,
            "extra": as_json({"filename": file}),
        },
        path=path,
    )


def _task(records: Records, value: dict[str, Any], line: int, origin: str) -> None:
    said = value["fields"] if isinstance(value.get("fields"), dict) else value
    chain = _chain(value)
    trace = value.get("traceback") if isinstance(value.get("traceback"), str) else ""
    error = value.get("error") if isinstance(value.get("error"), str) else ""
    text = clipped(storable(redact(trace or _as_text(chain) or error or "")), 60_000)
    first = chain[0] if chain else None
    message = clipped(storable(redact(first.message if first else error or ""))).strip()
    exception = clipped(storable(redact(first.name)), 200) if first else None
    extra: dict[str, object] = {"causes": as_told(chain[1:])} if len(chain) > 1 else {}
    if first is not None and first.type != first.name:
        extra["exception_type"] = first.type
    ended = moment(said.get("end_date"))
    row: dict[str, Any] = {
        "airflow_version": _version(value),
        "log_format": "listener",
        "source": "listener",
        "kind": "task" if chain else _kind(error or ""),
        "at_utc": ended or moment(value.get("at", value.get("t"))),
        "exception": exception,
        "message": message or None,
        "template": template(exception, message),
        "text": text,
        "origin_line": line,
        "started_utc": moment(said.get("start_date")),
        "ended_utc": ended,
        "queued_utc": moment(said.get("queued_dttm")),
        "extra": as_json(extra) if extra else None,
        **{name: _name(said.get(name)) for name in ("dag_id", "run_id", "task_id", *COLUMNS)},
        **{name: _whole(said.get(name)) for name in ("map_index", "try_number", "max_tries")},
    }
    if row["try_number"] is not None and row["try_number"] < 0:
        row["try_number"] = None
    records.add(row, where=("listener", text, str(row["at_utc"]), line), path=origin)


def _chain(value: dict[str, Any]) -> Chain:
    given = value.get("chain")
    items = given if isinstance(given, list) else []
    links = [
        Raised(
            type=str(item.get("type") or "Exception"),
            message=str(item.get("message") or ""),
            link=str(item.get("link") or ""),
        )
        for item in items
        if isinstance(item, dict)
    ]
    names = [item for item in items if isinstance(item, str)]
    if names and not links:
        # of the others only the type was written down
        said = [str(value.get("error") or ""), *("" for _ in names[1:])]
        links = [Raised(type=n, message=m) for n, m in zip(names, said, strict=True)]
    return tuple(links)


def _as_text(chain: Chain) -> str:
    return "\n".join(f"{raised.name}: {raised.message}".removesuffix(": ") for raised in chain[:1])


def _kind(error: str) -> str:
    if any(word in error for word in LOST):
        return "heartbeat-lost"
    return "set-from-outside" if any(word in error for word in OUTSIDE) else "killed"


def _version(value: dict[str, Any]) -> str | None:
    version = value.get("airflow_version")
    if isinstance(version, str) and version:
        return version
    fields = value.get("fields")
    if not isinstance(fields, dict):
        return None
    return "3" if fields.get("id") else "2"


def _name(value: object) -> str | None:
    return storable(redact(str(value))) if isinstance(value, str | int) and value != "" else None


def _whole(value: object) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_ID
    return value if fits else None  # type: ignore[return-value]
