"""What one try's log comes down to: its failure, if it has one, read while the log streams by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from workbench.sources.task_logs.chains import Chain
from workbench.sources.task_logs.entries import Entry, entries_of
from workbench.sources.task_logs.lines import Line
from workbench.sources.task_logs.tracebacks import likely_exception
from workbench.sources.task_logs.verdicts import EXIT_CODE, Verdict, crash_line, is_success, verdict
from workbench.sources.task_logs.windows import Window
from workbench.text.redact import redact

MARKED_IDS = re.compile(
    r"dag_id=(?P<dag_id>[^,\s]+), task_id=(?P<task_id>[^,\s]+), run_id=(?P<run_id>[^,\s]+)"
    r"(?:, map_index=(?P<map_index>-?\d{1,9}))?"
)
LOST_IDS = re.compile(
    r"'DAG Id': '(?P<dag_id>[^']+)', 'Task Id': '(?P<task_id>[^']+)', 'Run Id': '(?P<run_id>[^']+)'"
    r"(?:, '(?:Map Index|map_index)': '?(?P<map_index>-?\d{1,9}))?"
)
STARTING = re.compile(r"Starting attempt (?P<number>\d{1,9}) of")
MOST_FAULTS = 20
KINDS = {
    Verdict.CRASHED: "killed",
    Verdict.KILLED: "killed",
    Verdict.MISMATCHED: "killed",
    Verdict.LOST: "heartbeat-lost",
    Verdict.ENDED: "set-from-outside",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The failure of one try, not redacted yet but for what came out of a window."""

    line: int
    at: str
    at_line_above: str
    message: str
    chain: Chain
    fields: dict[str, object]
    kind: str = "task"


@dataclass(slots=True)
class Attempt:
    """A log that was read: its failure, its text, its format and what was wrong with its lines."""

    failed: Failed | None = None
    text: Window = field(default_factory=Window)
    log_format: str = "text"
    ids: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    more_faults: int = 0

    def fault(self, line: int, reason: str) -> None:
        """Note what is wrong with a line; of very many only the first are told one by one."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((line, reason))
        else:
            self.more_faults += 1


def read_attempt(
    lines: Iterator[Line], *, is_failure: bool = False, redact: Callable[[str], str] = redact
) -> Attempt:
    """Read a log once, from its first line to its last.

    Parameters
    ----------
    lines : iterator of Line
        The log.
    is_failure : bool
        Somebody said that it failed, so that the entry that comes closest is taken where none says
        so itself.
    redact : callable
        What takes secrets out of a text; :func:`as_it_is` for lines that hold none any more.
    """
    attempt = Attempt(text=Window(redact=redact))
    search = _Search()
    for entry in entries_of(_watched(lines, attempt), redact=redact):
        search.see(entry)
        if entry.fault:
            attempt.fault(entry.line, entry.fault)
        _note_ids(attempt, entry)
    attempt.log_format = search.log_format()
    told, at_above = search.found(is_failure=is_failure)
    if told is not None:
        failed = _failed(told, at_above, search.signal, is_failure=is_failure)
        attempt.failed = replace(failed, kind=KINDS.get(search.said(), "task"))
        if told.fault and (told.line, told.fault) not in attempt.faults:
            attempt.fault(told.line, told.fault)
    return attempt


class _Search:
    """Looks for the entry that tells of the failure."""

    def __init__(self) -> None:
        self._best: tuple[Verdict, Entry, str] | None = None
        self._reported: tuple[Entry, str] | None = None
        self._shown: tuple[Entry, str] | None = None
        self._error: tuple[Entry, str] | None = None
        self._last: tuple[Entry, str] | None = None
        self._at = ""
        self._styles: set[str] = set()
        self.signal: dict[str, object] = {}

    def see(self, entry: Entry) -> None:
        self._at = entry.at or self._at
        this = (entry, self._at)
        if entry.event or any(entry.lines()):
            self._styles.add(entry.style)
            self._last = this
        for key in ("signal", "signal_name") if "signal" in entry.fields else ():
            if isinstance(value := entry.fields.get(key), str | int):
                self.signal[key] = value
        if is_success(entry):
            self._best = self._reported = self._shown = self._error = None
            return
        said = verdict(entry)
        if said is Verdict.REPORTED:
            self._reported = self._shown = this
        elif entry.level and not entry.is_error:
            self._reported = None
        if said > Verdict.REPORTED and (self._best is None or said >= self._best[0]):
            self._best = (said, *this)
        if entry.is_error:
            self._error = this

    def found(self, *, is_failure: bool) -> tuple[Entry | None, str]:
        if self._best is not None:
            said, entry, above = self._best
            # an exit code says that it failed; why is what was shown last before it
            return self._shown if said <= Verdict.EXITED and self._shown else (entry, above)
        if self._reported is not None:
            return self._reported
        if is_failure:
            return self._error or self._last or (None, "")
        return None, ""

    def said(self) -> Verdict:
        """How the log says that it failed."""
        return self._best[0] if self._best is not None else Verdict.NOTHING

    def log_format(self) -> str:
        if "json" in self._styles:
            return "airflow3-json" if self._styles == {"json"} else "mixed"
        return "airflow2-text" if "airflow2" in self._styles else "text"


def _failed(entry: Entry, at_above: str, signal: dict[str, object], *, is_failure: bool) -> Failed:
    chain = entry.chain()
    if not chain and is_failure:
        chain = likely_exception(entry.lines())
    line, message = entry.line, entry.event
    if chain:
        message = chain[0].message
    elif entry.style == "plain":
        index, message = crash_line(entry) or _last_line(entry)
        line = entry.place(index)
    name = str(signal.get("signal_name") or signal.get("signal") or "")
    if not chain and name and "signal" in entry.fields and name not in message:
        message = f"{message} ({name})"
    fields = dict(signal)
    if code := EXIT_CODE.search("\n".join([message, *entry.lines()])):
        fields["exit_code"] = code["code"]
    return Failed(
        line=line,
        at=entry.at,
        at_line_above="" if entry.at else at_above,
        message=message,
        chain=chain,
        fields=fields,
    )


def _last_line(entry: Entry) -> tuple[int, str]:
    lines = entry.lines()
    return next(
        ((i, lines[i].strip()) for i in range(len(lines) - 1, -1, -1) if lines[i].strip()), (0, "")
    )


def _watched(lines: Iterator[Line], attempt: Attempt) -> Iterator[Line]:
    """Keep each line for the text, and what is wrong with it, before it becomes an entry."""
    for line in lines:
        attempt.text.add(line.text)
        if line.fault:
            attempt.fault(line.number, line.fault)
        yield line


def _note_ids(attempt: Attempt, entry: Entry) -> None:
    """Keep what the log itself says about which try it is."""
    for key in ("dag_id", "task_id", "run_id") if entry.fields else ():
        if isinstance(value := entry.fields.get(key), str):
            attempt.ids.setdefault(key, value)
    found = None
    if entry.event.startswith("Marking task as"):
        found = MARKED_IDS.search(entry.event)
    elif entry.event.startswith("Detected "):
        found = LOST_IDS.search(entry.event)
    elif entry.event.startswith("Starting attempt"):
        found = STARTING.match(entry.event)
    if found:
        attempt.ids |= {k: v for k, v in found.groupdict().items() if v}
