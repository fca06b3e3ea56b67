"""Failures that somebody gathered: JSON lines with the text of each, and an id if it has one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import islice
from typing import Any

from workbench.sources.task_logs.attempts import Attempt, read_attempt
from workbench.sources.task_logs.lines import Line, text_lines
from workbench.sources.task_logs.rows import digest, failure_row, number, storable
from workbench.sources.task_logs.windows import Window
from workbench.text.redact import redact

LOOKED_AT = 20
FORMATS = ("airflow2-text", "airflow3-json", "mixed", "listener", "text")
OWN = ("id", "text", "airflow_version")


class Content(Enum):
    """What a file holds, by its first lines."""

    LOG = "log"
    """Lines of a task log, or whatever else a process may have written."""
    GATHERED = "gathered"
    """Objects with a text."""
    OBJECTS = "objects"
    """Objects that are neither: another format, which is not read."""


def content_of(lines: Iterable[Line]) -> Content:
    """Recognise a file by the objects among its first lines."""
    first = list(islice((line for line in lines if line.text.strip()), LOOKED_AT))
    values = [value for line in first if (value := _object(line)) is not None]
    if any("event" in value for value in values) or not values:
        return Content.LOG
    if any(isinstance(value.get("text"), str) for value in values):
        return Content.GATHERED
    return Content.OBJECTS if len(values) == len(first) else Content.LOG


def gathered_rows(lines: Iterable[Line]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield each line's row, or the reason why it is none, with its number."""
    for line in lines:
        if not line.text.strip():
            continue
        value = _object(line)
        if value is None:
            yield line.number, line.fault or "the line is no JSON object"
        elif not isinstance(value.get("text"), str) or not value["text"].strip():
            yield line.number, "text is missing"
        elif isinstance(value.get("id"), bool | list | dict | float):
            yield line.number, "id is neither text nor a whole number"
        else:
            if line.fault:
                yield line.number, line.fault
            try:
                yield line.number, _row(value)
            except ValueError as fault:
                yield line.number, str(fault)


def _row(value: dict[str, Any]) -> dict[str, Any]:
    text, raw = value["text"], value.get("raw")
    read = read_attempt(text_lines(text), is_failure=True)
    if isinstance(raw, str) and raw.strip():
        # what the log said before it was made readable tells more; the text stays as it was given
        closer = read_attempt(text_lines(raw), is_failure=True)
        read.failed, read.log_format = closer.failed or read.failed, closer.log_format
        read.ids = {**read.ids, **closer.ids}
    extra = {k: v for k, v in value.items() if k not in OWN}
    if isinstance(raw, str):
        extra["raw"] = _window(raw).redacted()
    if read.log_format == "text" and extra.get("log_format") in FORMATS:
        read.log_format = extra.pop("log_format")
    return {**_read_row(read, extra), **_identity(value, read)}


def _read_row(read: Attempt, extra: dict[str, Any]) -> dict[str, Any]:
    assert read.failed is not None, "a text that is not blank has a last line"
    return failure_row(read, read.failed, extra=extra)


def _identity(value: dict[str, Any], read: Attempt) -> dict[str, Any]:
    given = str(value["id"]).strip() if value.get("id") is not None else ""
    if not given or given != storable(redact(given)):
        given = digest("gathered", value["text"], value.get("raw"))
    version = value.get("airflow_version")
    return {
        "failure_id": (given if given == redact(given) else "")
        or digest("gathered", value["text"], value.get("raw")),
        "airflow_version": version if isinstance(version, str) and version else None,
        "dag_id": read.ids.get("dag_id"),
        "run_id": read.ids.get("run_id"),
        "task_id": read.ids.get("task_id"),
        "map_index": number(read.ids.get("map_index")),
        "try_number": number(read.ids.get("number")),
    }


def _window(text: str) -> Window:
    window = Window()
    for line in text_lines(text):
        window.add(line.text)
    return window


def _object(line: Line) -> dict[str, Any] | None:
    try:
        value = json.loads(line.text, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
