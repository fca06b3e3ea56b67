"""Whether a detector can run: its regular expressions compile, its query fits the views."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from string import Formatter
from typing import Any

import polars as pl

from workbench.analysis.history.detect import REQUIRED
from workbench.analysis.history.text_scan import PLACE
from workbench.analysis.sql import query_columns
from workbench.domain.patterns import Problem
from workbench.errors import DetectorError
from workbench.knowledge.pattern_files import PatternFile
from workbench.knowledge.problems import Fault, problem
from workbench.text.suggestions import suggestion

FIELDS = ("removed", "added")  # their named groups are fields of the message
REGEXES = (*FIELDS, "absent")
LINE = re.compile(r"line (\d+)")


def detector_faults(read: PatternFile) -> Iterator[Fault | Problem]:
    """Find regular expressions that do not compile, or what is wrong with the query."""
    detector = read.data["detector"]
    if detector["kind"] == "text":
        for name in (name for name in REGEXES if name in detector):
            if wrong := _regex_fault(detector[name]):
                yield Fault(("detector", name), f"Does not compile: {wrong}.")
                continue
            for group in _groups(detector[name]) if name in FIELDS else ():
                if group in PLACE:
                    what = f"A group is called {group}, which is the hit's own."
                    yield Fault(("detector", name), what)
    elif read.sql is not None:
        yield from _query_problems(read.sql, read.sql_path)


def message_faults(read: PatternFile) -> Iterator[Fault]:
    """Find fields of the message that the detector does not yield."""
    try:
        fields = list(Formatter().parse(read.data["message"]))
    except ValueError as error:
        yield Fault(("message",), f"Its braces do not pair: {error}.", "Write {{ for a brace.")
        return
    yielded = _yielded(read)
    for _, name, form, conversion in fields:
        if name is None or yielded is None:
            continue
        if not name.isidentifier() or form or conversion:
            yield Fault(("message",), f"{{{name}}} is not the plain name of a column.")
        elif name not in yielded:
            what = f"The detector yields no column {name!r}."
            yield Fault(("message",), what, suggestion(name, yielded))


def _yielded(read: PatternFile) -> tuple[str, ...] | None:
    """Name the columns that a message may use; None when the detector itself is wrong."""
    detector = read.data["detector"]
    if detector["kind"] == "text":
        if any(_regex_fault(detector[name]) for name in REGEXES if name in detector):
            return None
        groups = [_groups(detector[name]) for name in FIELDS if name in detector]
        return (*PLACE, *(group for found in groups for group in found))
    columns = _columns(read.sql, read.sql_path) if read.sql is not None else None
    return columns if isinstance(columns, tuple) else None


def _query_problems(sql: str, path: str) -> Iterator[Problem]:
    columns = _columns(sql, path)
    if isinstance(columns, DetectorError):
        found = LINE.search(columns.where.at if columns.where else "")
        line = int(found[1]) if found else None
        yield problem(path, columns.what, line=line, todo=f"{columns.right} {columns.todo}".strip())
        return
    for name in REQUIRED:
        if name not in columns:
            yield problem(path, f"Yields no column {name!r}.", todo=f"It yields {columns}.")


@lru_cache(maxsize=1024)
def _columns(sql: str, path: str) -> tuple[str, ...] | DetectorError:
    """Name the query's columns, or say what is wrong with it."""
    try:
        return query_columns(sql, path=path)
    except DetectorError as error:
        return error


@lru_cache(maxsize=1024)
def _regex_fault(regex: str) -> str:
    """Say why polars does not compile a regular expression; empty when it does."""
    try:
        pl.Series([""]).str.contains(regex)
    except pl.exceptions.ComputeError as error:
        reasons = re.findall(r"^error: (.+)$", str(error), re.MULTILINE)
        return reasons[-1] if reasons else str(error).splitlines()[0]
    return ""


def _groups(regex: str) -> list[str]:
    """Return the named groups of a regular expression; those without a name have a number."""
    groups: Any = pl.Series([""]).str.extract_groups(regex)
    return [name for name in groups.struct.fields if not name.isdecimal()]
