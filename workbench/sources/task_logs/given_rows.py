"""Failures that somebody gathered: JSON lines with the text of each, and an id if it has one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import islice
from typing import Any

from workbench.sources.task_logs.attempts import Attempt, read_attempt
from workbench.sources.task_logs.lines import Line, text_lines
from workbench.sources.task_logs.listener_lines import is_listener_line
from workbench.sources.task_logs.rows import digest, failure_row, number, storable
from workbench.sources.task_logs.windows import Window, as_it_is
from workbench.text.redact import redact
from workbench.text.redacted_series import redact_texts

LOOKED_AT = 20
SCHEDULER = re.compile(r"scheduler_job_runner|SchedulerJobRunner|Starting the scheduler")
FORMATS = ("airflow2-text", "airflow3-json", "mixed", "listener", "text")
OWN = ("id", "text", "raw", "airflow_version")
TOGETHER = 4 << 20
"""Characters of the lines whose texts are redacted at once."""


class Content(Enum):
    """What a file holds, by its first lines."""

    LOG = "log"
    """Lines of a task log, or whatever else a process may have written."""
    GATHERED = "gathered"
    """Objects with a text."""
    LISTENER = "listener"
    """What a listener inside Airflow wrote."""
    SCHEDULER = "scheduler"
    """A scheduler's log."""
    OBJECTS = "objects"
    """Objects that are neither: another format, which is not read."""


def content_of(lines: Iterable[Line]) -> Content:
    """Recognise a file by the objects among its first lines."""
    first = list(islice((line for line in lines if line.text.strip()), LOOKED_AT))
    values = [value for line in first if (value := _object(line)) is not None]
    if any(is_listener_line(value) for value in values):
        return Content.LISTENER
    has_texts = any(isinstance(value.get("text"), str) for value in values)
    # a gathered text may quote the scheduler's own lines
    if not has_texts and any(SCHEDULER.search(line.text) for line in first):
        return Content.SCHEDULER
    if any("event" in value for value in values) or not values:
        return Content.LOG
    if has_texts:
        return Content.GATHERED
    return Content.OBJECTS if len(values) == len(first) else Content.LOG


def gathered_rows(lines: Iterable[Line]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield each line's row, or the reason why it is none, with its number."""
    kept: list[tuple[int, dict[str, Any]]] = []
    size = 0
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
            kept.append((line.number, value))
            size += len(line.text)
        if size > TOGETHER:
            yield from _rows(kept)
            kept, size = [], 0
    yield from _rows(kept)


def _rows(values: list[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Read texts whose secrets are taken out of all of them at once."""
    texts = _redacted([value["text"] for _, value in values])
    raws = [value["raw"] if isinstance(value.get("raw"), str) else "" for _, value in values]
    raws = _redacted(raws) if any(raws) else raws
    for (line, value), text, raw in zip(values, texts, raws, strict=True):
        try:
            yield line, _row(value, text, raw)
        except ValueError as fault:
            yield line, str(fault)


def _redacted(texts: list[str]) -> list[str]:
    import polars as pl

    return redact_texts(pl.Series("text", [storable(text) for text in texts], pl.String)).to_list()


def _row(value: dict[str, Any], text: str, raw: str) -> dict[str, Any]:
    read = read_attempt(text_lines(text), is_failure=True, redact=as_it_is)
    if raw.strip():
        # what the log said before it was made readable tells more; the text stays as it was given
        closer = read_attempt(text_lines(raw), is_failure=True, redact=as_it_is)
        read.failed, read.log_format = closer.failed or read.failed, closer.log_format
        read.ids = {**read.ids, **closer.ids}
    extra = {k: v for k, v in value.items() if k not in OWN}
    if read.log_format == "text" and extra.get("log_format") in FORMATS:
        read.log_format = extra.pop("log_format")
    row = {**_read_row(read, extra), **_identity(value, read)}
    return row | ({"raw": _window(raw).redacted()} if raw else {})


def _read_row(read: Attempt, extra: dict[str, Any]) -> dict[str, Any]:
    assert read.failed is not None, "a text that is not blank has a last line"
    return failure_row(read, read.failed, extra=extra)


def _identity(value: dict[str, Any], read: Attempt) -> dict[str, Any]:
    given = str(value["id"]).strip() if value.get("id") is not None else ""
    if not given or given != storable(redact(given)):
        given = digest("gathered", value["text"], value.get("raw"))
    version = value.get("airflow_version")
    return {
        "failure_id": given,
        "airflow_version": version if isinstance(version, str) and version else None,
        "dag_id": read.ids.get("dag_id"),
        "run_id": read.ids.get("run_id"),
        "task_id": read.ids.get("task_id"),
        "map_index": -1 if (index := number(read.ids.get("map_index"))) is None else index,
        "try_number": number(read.ids.get("number")),
    }


def _window(text: str) -> Window:
    window = Window(redact=as_it_is)
    for line in text_lines(text):
        window.add(line.text)
    return window


def _object(line: Line) -> dict[str, Any] | None:
    try:
        value = json.loads(line.text, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
