"""What an entry of a task log says about the try: that it failed, and how surely, or not."""

from __future__ import annotations

import re
from enum import IntEnum

from workbench.sources.task_logs.entries import FAILED, Entry

SUCCEEDED = re.compile(
    r"Task exited with return code 0(?!\d)|Marking task as (?:SUCCESS|SKIPPED|UP_FOR_RESCHEDULE)"
)
ENDED_FROM_OUTSIDE = re.compile(
    r"Server indicated the task shouldn't be running anymore"
    r"|State of this instance has been externally set to (?!success|skipped)"
)
LOST = re.compile(
    r"Detected a task instance without a heartbeat|Detected zombie job|Heartbeat timed? ?out",
    re.IGNORECASE,
)
MISMATCHED = re.compile(
    r"reported that the task instance .{1,400}? finished with state failed, but", re.DOTALL
)
KILLED = re.compile(r"Process terminated by signal|was killed before it finished", re.IGNORECASE)
EXITED = re.compile(r"Task exited with return code (?!0(?!\d))(?![^\n]{0,20}deferral)(?P<code>\S+)")
MARKED = re.compile(r"Marking task as (?:FAILED|UP_FOR_RETRY)")
CRASHED = re.compile(
    r"Killed\b|killed by signal|Segmentation fault|Out of memory|OOM ?Killed|oom-kill|evicted"
    r"|Fatal Python error|core dumped|\bAborted\b|terminated by signal"
    r"|\bSIG(?:KILL|TERM|SEGV|ABRT)\b"
    r"|\bexit(?:ed)?(?: with)? (?:code|status)[ :]{1,3}(?!0(?!\d))-?\d|^Traceback \(most recent",
    re.IGNORECASE,
)
EXIT_CODE = re.compile(
    r"(?:exit|return) ?(?:code|status)[ :=]{1,3}(?P<code>-?\d{1,4}|Negsignal\.\w+)", re.IGNORECASE
)
BESIDE = re.compile(r"Failed to run task callback|Error when executing .{1,60}callback")
LOOKED_AT = 4_000


# What a task tells at these levels is its own business, whatever the words.
QUIET = frozenset(("notset", "debug", "info"))


class Verdict(IntEnum):
    """How much an entry says; the last of those that say most is the failure."""

    NOTHING = 0
    """Says nothing about how the try ended."""
    REPORTED = 1
    """An error with an exception: the failure only if the log ends with it."""
    MARKED = 2
    """The try is marked as failed."""
    EXITED = 3
    """The process ended with a code other than 0."""
    CRASHED = 4
    """Plain lines of a process that died, or the signal that was sent to it."""
    KILLED = 5
    """The process was killed by a signal."""
    MISMATCHED = 6
    """The executor says that it failed, the database that it still runs."""
    LOST = 7
    """The scheduler heard nothing of it any more."""
    ENDED = 8
    """Somebody or something set its state from outside."""
    RERAISED = 9
    """The exception as the process around the task tells it."""
    RAISED = 10
    """The task's own exception."""


BEGINNINGS = (
    (FAILED, Verdict.RAISED),
    ("Failed to execute job ", Verdict.RERAISED),
    ("Task killed!", Verdict.CRASHED),
    ("Received SIGTERM. Terminating", Verdict.CRASHED),
)


def verdict(entry: Entry) -> Verdict:
    """Say what an entry is about the try, whatever stands before and after it."""
    if entry.style == "plain" and not entry.level:
        return Verdict.CRASHED if crash_line(entry) is not None else Verdict.NOTHING
    said = _by_beginning(entry.event)
    if said not in (Verdict.EXITED, Verdict.MARKED) and entry.level in QUIET:
        return Verdict.NOTHING
    if said is Verdict.NOTHING:
        said = _by_words(entry)
    if said is Verdict.NOTHING and entry.is_error and _shows_exception(entry):
        return Verdict.REPORTED
    return said


def _by_beginning(event: str) -> Verdict:
    for beginning, said in BEGINNINGS:
        if event.startswith(beginning):
            return said
    if event.startswith("Task exited with return code") and EXITED.match(event):
        return Verdict.EXITED
    if event.startswith("Marking task as") and MARKED.match(event):
        return Verdict.MARKED
    return Verdict.NOTHING


def _by_words(entry: Entry) -> Verdict:
    event = entry.event[:LOOKED_AT]
    if ENDED_FROM_OUTSIDE.match(event):
        return Verdict.ENDED
    if LOST.search(event):
        return Verdict.LOST
    if MISMATCHED.search(event):
        return Verdict.MISMATCHED
    if KILLED.search(event) or (entry.level == "critical" and "signal" in entry.fields):
        return Verdict.KILLED
    return Verdict.NOTHING


def is_success(entry: Entry) -> bool:
    """Whether the try, or the part of it up to here, ended well."""
    starts = ("Task exited with return code 0", "Marking task as S", "Marking task as UP_FOR_RES")
    return entry.event.startswith(starts) and SUCCEEDED.match(entry.event) is not None


def crash_line(entry: Entry) -> tuple[int, str] | None:
    """Return the first plain line that tells of a crash, and which of the entry's lines it is."""
    lines = entry.lines()
    return next(((i, line) for i, line in enumerate(lines) if CRASHED.search(line[:2000])), None)


def _shows_exception(entry: Entry) -> bool:
    if BESIDE.match(entry.event):
        return False
    return bool(entry.fields.get("error_detail")) or "Traceback (most recent" in "\n".join(
        entry.lines()
    )
