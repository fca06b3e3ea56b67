"""What stands around a failure line in a log: a child's last words, a cause, the place in a DAG."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

MARK = "Task failed with exception"
PRINTED = "Traceback (most recent call last):"
BEFORE, AFTER = 6_000, 16_000
"""Characters of the log that are looked at, before and after the mark."""

WEAK = re.compile(
    r"non-?zero|exit(?:ed)?(?: with)?(?: a)? (?:code|status)|return(?:ed)? code|[Cc]ommand failed"
    r"|returned a failure|\bjob\b.{0,80}\bfail|failed with (?:state|status|code)|did not succeed"
    r"|\bstate:? ['\"]?fail|error when executing|execution failed\.?$|see (?:the )?logs?",
    re.IGNORECASE,
)
"""Messages that say only that something else failed."""
UNSPECIFIC = frozenset(("Exception", "RuntimeError", "AirflowException", "AirflowFailException"))
OLD_PREFIX = re.compile(
    r"^\[\d{4}-\d\d-\d\d[^\]]{5,40}\] \{(?P<where>[^{}]{1,200}):\d+\} (?P<level>[A-Z]{4,8}) - "
)
AIRFLOWS_OWN = re.compile(
    r"^(?:Output:?$|Command exited with|Running command|Tmp dir|Using .{0,40}home|Temporary"
    r"|::(?:end)?group|Dependencies all met|Starting attempt|Executing <|Started process"
    r"|Running <|Exporting env|Pushing xcom|Task instance|Marking task|Log message source"
    r"|DAG bundles|Filling up|Task (?:failed|exited|started)|Post task|Pre task)"
)
LOOKS_WRONG = re.compile(
    r"error|exception|denied|not found|no such|cannot|can't|couldn't|unable|refused|timed? ?out"
    r"|fail|fatal|killed|invalid|missing|unknown|expired|exceed|no space|out of memory|quota"
    r"|unauthori[sz]ed|forbidden|abort|panic|segmentation|unreachable|reset|rejected|undefined"
    r"|unresolved|could not|does not|not allowed|not permitted",
    re.IGNORECASE,
)
FRAME = re.compile(r'^\s+File "(?P<path>[^"\n]{1,400})", line \d+, in (?P<name>\S+)', re.MULTILINE)
LIBRARY = re.compile(
    r"site-packages|dist-packages|/lib/python\d|/python3\.\d+/|^(?!/)|(?<!\.py)$"
    r"|/airflow/(?:sdk|models|operators)/"
)
OUTER = re.compile(r"^\S", re.MULTILINE)
RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*(?P<type>[A-Z]\w*)(?:: (?P<message>.*))?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``told``: last words before the failure; ``cause``: what it came from; ``place``: where."""

    told: str = ""
    cause: str = ""
    place: str = ""


def evidence(text: str, *, exception: str | None, message: str) -> Evidence:
    """Return what the log says around its failure.

    Parameters
    ----------
    text : str
        The log: text of Airflow 2, JSON lines of Airflow 3, or these made readable.
    exception, message : str
        The failure that was found in it.
    """
    at = text.rfind(MARK)
    line = text.rfind("\n", 0, at) + 1 if at >= 0 else len(text)
    after = text[at : at + AFTER] if at >= 0 else text[-AFTER:]
    wants_cause = exception in UNSPECIFIC
    if at > 0 and '"event"' in text[line : at + 200]:
        end = text.find("\n", at)
        frames, raised = _of_json(text[line : end if end >= 0 else len(text)])
    else:
        frames, raised = _frames(after), _raised(after) if wants_cause else []
    own = (exception or "", message.split("\n", 1)[0].strip())
    causes = [each for each in raised if each != own] if wants_cause else []
    weak = not message.strip() or bool(WEAK.search(message[:600]))
    return Evidence(
        told=last_words(text[max(0, line - BEFORE) : line]) if weak else "",
        cause=": ".join(part for part in causes[-1] if part) if causes else "",
        place=place(frames),
    )


def last_words(before: str) -> str:
    """Return the last line that looks like trouble among those before the failure."""
    lines = [line for raw in before.split("\n") if (line := _bare(raw))]
    for line in reversed(lines[-25:]):
        if LOOKS_WRONG.search(line[:400]):
            return line[:400]
    return ""


def place(frames: list[tuple[str, str]]) -> str:
    """Return the innermost function outside of libraries, as file:function."""
    for path, name in reversed(frames):
        if not LIBRARY.search(path):
            return f"{path.rpartition('/')[2]}:{name}"
    return ""


def _bare(raw: str) -> str:
    """Return what a log line says; nothing where Airflow speaks of itself."""
    line = raw.strip()
    if line.startswith("{"):
        try:
            told = json.loads(line)
        except ValueError:
            return ""
        line = str(told.get("event", "")).strip() if isinstance(told, dict) else ""
    elif found := OLD_PREFIX.match(line):
        line = line[found.end() :].strip()
    return "" if AIRFLOWS_OWN.match(line) else line


def _of_json(line: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Read frames and chain of the line that tells of the failure, outermost exception first."""
    try:
        detail = json.loads(line).get("error_detail") or []
        frames = [(str(f["filename"]), str(f["name"])) for f in detail[0]["frames"]]
        raised = [
            (str(d["exc_type"]), str(d["exc_value"]).split("\n", 1)[0].strip()) for d in detail
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return [], []
    return frames, raised


def _raised(after: str) -> list[tuple[str, str]]:
    """Read the exceptions below the mark, the one finally raised first."""
    found = [(f["type"], (f["message"] or "").strip()) for f in RAISED.finditer(after)]
    found = [each for each in found if each[0] not in ("Traceback", "Task")]
    # a traceback is printed cause first, what was made readable from JSON lines last
    return found[::-1] if PRINTED in after else found


def _frames(after: str) -> list[tuple[str, str]]:
    """Read the frames of the exception finally raised."""
    body = after[max(after.rfind(PRINTED), 0) :]
    frames: list[tuple[str, str]] = []
    end = 0
    for found in FRAME.finditer(body):
        if frames and OUTER.search(body, end, found.start()):
            break
        frames.append((found["path"], found["name"]))
        end = found.end()
    return frames
