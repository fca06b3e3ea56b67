"""Which of the timeline formats a text is, and its events in order with the lines they begin in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbench.errors import Place, SourceError
from workbench.sources.timelines.events import Event
from workbench.sources.timelines.json_documents import items_of
from workbench.sources.timelines.kubectl import cluster_event
from workbench.sources.timelines.own_rows import (
    REQUIRED,
    Line,
    csv_header,
    csv_rows,
    json_rows,
    own_event,
    physical_lines,
)

LOOKED_AT = 20
READ = (
    "Read are: CSV with a header or JSON lines with at_utc, source, kind, text (and end_utc, id, "
    "subject, value, unit if you like), and what `kubectl get events -o json` prints."
)


class Format(StrEnum):
    """What a file holds."""

    CSV = "csv"
    """A header with our column names, then rows."""
    JSON_LINES = "json-lines"
    """One object with our names in each line."""
    JSON_ROWS = "json-rows"
    """One list of objects with our names."""
    KUBECTL = "kubectl"
    """One object with the cluster's events under ``items``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One event and the line it begins in, or the fault that stands there."""

    line: int
    event: Event | None = None
    fault: str = ""


def format_of(text: str, *, path: str) -> Format:
    """Recognise a format by what stands in the text.

    Raises
    ------
    SourceError
        It is none of ours; the error says what is read.
    """
    lines = physical_lines(text)
    if _has_own_object(lines):
        return Format.JSON_LINES
    start = text.lstrip()[:1]
    if start == "[":
        return Format.JSON_ROWS
    if start == "{":
        if '"items"' in text:
            return Format.KUBECTL
        what = "The JSON is neither our own format nor a list of a cluster's events."
        raise SourceError(what, where=Place(path=path), right=READ)
    header = csv_header(lines)
    missing = [name for name in REQUIRED if name not in header]
    if len(missing) == len(REQUIRED):
        what = "The file is empty." if not start else "The format of the timeline is not known."
        raise SourceError(what, where=Place(path=path), right=READ)
    if missing:
        what = f"The CSV has no column {', '.join(missing)}."
        raise SourceError(what, where=Place(path=path, at="line 1"), right=READ)
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        what = f"The CSV has a column twice: {', '.join(twice)}."
        raise SourceError(what, where=Place(path=path, at="line 1"), right=READ)
    return Format.CSV


def events_of(text: str, *, form: Format) -> Iterator[Found]:
    """Yield every event of the text in its order, and the faults between them."""
    if form is Format.CSV:
        yield from _of_lines(csv_rows(physical_lines(text)))
    elif form is Format.JSON_LINES:
        yield from _of_lines(json_rows(text.split("\n")))
    else:
        key, make = (None, own_event) if form is Format.JSON_ROWS else ("items", cluster_event)
        for item in items_of(text, key=key):
            if item.fault:
                yield Found(line=item.line, fault=item.fault)
            else:
                yield _made(make, item.value, item.line)


def _of_lines(lines: Iterator[Line]) -> Iterator[Found]:
    for line in lines:
        if line.fault:
            yield Found(line=line.line, fault=line.fault)
        else:
            yield _made(own_event, line.fields, line.line)


def _made(make: Callable[[object], Event], value: object, line: int) -> Found:
    try:
        return Found(line=line, event=make(value))
    except ValueError as fault:
        return Found(line=line, fault=str(fault))


def _has_own_object(lines: list[str]) -> bool:
    """Whether one of the first lines is an object of our format by itself."""
    for line in [line for line in lines if line.strip()][:LOOKED_AT]:
        if not line.lstrip().startswith("{"):
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and REQUIRED[0] in value:
            return True
    return False
