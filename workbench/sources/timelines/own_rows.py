"""Our own timeline format, CSV or JSON: at_utc, source, kind, text and what may be left out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.sources.timelines.events import Event

REQUIRED = ("at_utc", "source", "kind", "text")
OPTIONAL = ("end_utc", "id", "subject", "value", "unit")
KNOWN = frozenset((*REQUIRED, *OPTIONAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as it stands in the file: the line it begins in, and its fields or its fault."""

    line: int
    fields: Mapping[str, object] | None = None
    fault: str = ""


def own_event(fields: object) -> Event:
    """Return a row of our format as an event; columns that we do not know become ``extra``.

    Raises
    ------
    ValueError
        It is no object, or a required column is missing.
    """
    if not isinstance(fields, Mapping):
        raise ValueError("the row is no object")
    if missing := [name for name in REQUIRED if fields.get(name) is None]:
        raise ValueError(f"{', '.join(missing)} is missing")
    extra = {str(k): v for k, v in fields.items() if k not in KNOWN and v not in (None, "")}
    return Event(
        id=fields.get("id"),
        at=("at_utc", fields["at_utc"]),
        end=("end_utc", fields.get("end_utc")),
        source=fields["source"],
        kind=fields["kind"],
        text=fields["text"],
        subject=fields.get("subject"),
        value=fields.get("value"),
        unit=fields.get("unit"),
        extra=extra,
    )


def physical_lines(text: str) -> list[str]:
    """Return the lines with their ends; other separators than line ends are text."""
    return list(io.StringIO(text, newline=""))


def csv_header(lines: Sequence[str]) -> list[str]:
    """Return the names of the first row that holds something; nothing when there is none."""
    try:
        return next(([n.strip() for n in row] for row in csv.reader(lines) if any(row)), [])
    except csv.Error:
        return []


def csv_rows(lines: Sequence[str]) -> Iterator[Line]:
    """Yield the rows below the header; a row that does not fit the header has a fault."""
    reader = csv.reader(lines, strict=True)
    header: list[str] = []
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield Line(line=begins, fault=f"the CSV is broken in or after this line: {fault}")
            continue
        if not any(row):
            continue
        if not header:
            header = [name.strip() for name in row]
        elif len(row) != len(header):
            fault_text = f"the row has {len(row)} fields, the header has {len(header)}"
            yield Line(line=begins, fault=fault_text)
        else:
            yield Line(line=begins, fields=dict(zip(header, row, strict=True)))


def json_rows(lines: Sequence[str]) -> Iterator[Line]:
    """Yield one row for each line that is not blank; a line that is no object has a fault."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield Line(line=number, fault="the line is no JSON")
            continue
        if isinstance(value, dict):
            yield Line(line=number, fields=value)
        else:
            yield Line(line=number, fault="the line is no JSON object")
