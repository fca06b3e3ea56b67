"""Entries of a task log in order: JSON lines, 2.x text with its tracebacks, plain lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workbench.sources.task_logs.chains import Chain, chain_of_detail
from workbench.sources.task_logs.lines import Line
from workbench.sources.task_logs.tracebacks import chain_of_text
from workbench.sources.task_logs.windows import Window
from workbench.text.redact import redact

AIRFLOW_2 = re.compile(
    r"\[(?P<at>\d{4}-\d{2}-\d{2}[^\]]{5,40})\] \{(?P<where>[^{}]{1,200}:\d+)\} "
    r"(?P<level>[A-Z]{4,8}) - (?P<event>.*)",
    re.DOTALL,
)
CONSOLE = re.compile(
    r"(?P<at>\d{4}-\d{2}-\d{2}T[\d:.]{5,20}(?:Z|[+-]\d{2}:?\d{2})) "
    r"\[(?P<level>[a-z]{4,8}) {0,8}\] (?P<event>.*)",
    re.DOTALL,
)
FAILED = "Task failed with exception"
# NaN is no JSON, and nothing that a table holds
DECODER = json.JSONDecoder(parse_constant=str)
CUT_JSON = re.compile(r'\{\s{0,8}"[^\n]{0,400}"(?:event|timestamp|level)"\s{0,8}:')
STRING = r'\s{0,8}:\s{0,8}("(?:[^"\\]|\\.)*+")'
CUT_FIELDS = {name: re.compile(f'"{name}"{STRING}') for name in ("timestamp", "level", "event")}
CUT_RAISED = {name: re.compile(f'"{name}"{STRING}') for name in ("exc_type", "exc_value")}


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry: where it begins, what it says, and in ``body`` that and the lines below it.

    ``style`` is json, airflow2, console or plain; ``fault`` says what is wrong with a line that is
    kept as text all the same.
    """

    line: int
    style: str
    event: str
    at: str = ""
    level: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    body: Window | None = None
    fault: str = ""
    redact: Callable[[str], str] = redact
    _chain: Chain | None = None

    @property
    def is_error(self) -> bool:
        return self.level in ("error", "critical", "fatal", "exception")

    def lines(self) -> list[str]:
        """What it says and the lines below it, redacted."""
        text = self.redact(self.event) if self.body is None else self.body.redacted()
        return text.split("\n")

    def place(self, index: int) -> int:
        """The line of the log that one of these lines stands in."""
        return self.line + (self.body.place(index, self.lines()) if self.body else 0)

    def chain(self) -> Chain:
        """The exceptions that it shows, the one finally raised first."""
        if self._chain is None:
            detail = self.fields.get("error_detail")
            try:
                self._chain = chain_of_detail(detail) if detail else ()
            except (ValueError, RecursionError):
                self._chain = ()
                self.fault = "error_detail is no list of exceptions"
            if not self._chain:
                told = self.fields.get("exception")
                told = self.redact(told).split("\n") if isinstance(told, str) else self.lines()
                self._chain = chain_of_text(told)
        return self._chain


def entries_of(lines: Iterator[Line], *, redact: Callable[[str], str] = redact) -> Iterator[Entry]:
    """Yield the entries of a log in order, each when it is complete."""
    entry: Entry | None = None
    for line in lines:
        fresh = _begun(line, entry, redact)
        if fresh is None:
            assert entry is not None
            assert entry.body is not None
            entry.body.add(line.text)
            continue
        if entry is not None:
            yield entry
        entry = fresh
    if entry is not None:
        yield entry


def _begun(line: Line, entry: Entry | None, redact: Callable[[str], str]) -> Entry | None:
    """Return the entry that begins with a line; None when the line goes on with the last one."""
    text = line.text
    if text.startswith("{"):
        if (parsed := _json_entry(line)) is not None:
            parsed.redact = redact
            return parsed
    elif found := AIRFLOW_2.match(text) or CONSOLE.match(text):
        style = "airflow2" if found.re is AIRFLOW_2 else "console"
        entry = Entry(
            line=line.number,
            style=style,
            event=found["event"].strip(),
            at=found["at"],
            level=found["level"].lower(),
        )
        return _with_body(entry, found["event"], redact)
    elif text.startswith(FAILED) and (entry is None or entry.style == "plain"):
        failed = Entry(line=line.number, style="plain", event=text, level="error")
        return _with_body(failed, text, redact)
    if entry is None or entry.style == "json":
        plain = Entry(line=line.number, style="plain", event=text.strip())
        return _with_body(plain, text, redact)
    return None


def _with_body(entry: Entry, text: str, redact: Callable[[str], str]) -> Entry:
    entry.redact, entry.body = redact, Window(redact=redact)
    entry.body.add(text)
    return entry


def _json_entry(line: Line) -> Entry | None:
    try:
        value = DECODER.decode(line.text)
    except (ValueError, RecursionError):
        return _cut_entry(line) if CUT_JSON.match(line.text) else None
    if not isinstance(value, dict) or "event" not in value:
        return None
    event = value["event"] if isinstance(value["event"], str) else json.dumps(value["event"])
    return Entry(
        line=line.number,
        style="json",
        event=event,
        at=str(value.get("timestamp") or ""),
        level=str(value.get("level") or "").lower(),
        fields=value,
    )


def _cut_entry(line: Line) -> Entry:
    """Return what can still be read of a JSON line that breaks off."""
    said = {name: _string(pattern, line.text) for name, pattern in CUT_FIELDS.items()}
    raised = {name: _string(pattern, line.text) for name, pattern in CUT_RAISED.items()}
    return Entry(
        line=line.number,
        style="json",
        event=said["event"] or line.text,
        at=said["timestamp"],
        level=said["level"].lower(),
        fields={"error_detail": [raised]} if raised["exc_type"] else {},
        fault="the line is broken JSON: what can be read of it is used",
    )


def _string(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    try:
        return str(json.loads(found[1])) if found else ""
    except ValueError:
        return ""
