"""Labels as JSON lines: people's verdicts on hits and commits, one object a line."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

from workbench.domain.history import Rejection
from workbench.domain.patterns import Label
from workbench.errors import Place, SourceError
from workbench.text.suggestions import suggestion

VERDICTS = ("breaking", "harmless", "unsure", "under-rated", "over-rated", "missed")
SHA = re.compile(r"[0-9a-f]{40}|release:[^.\s]\S*\.\.\S+")


def read_labels(path: Path) -> tuple[tuple[Label, ...], tuple[Rejection, ...]]:
    """Return the labels of a file in its order, and the lines that are none, each with its number.

    A line is an object with ``sha`` (40 hex digits or ``release:A..B``), ``label`` (one of
    :data:`VERDICTS`) and optionally ``pattern``; ``when`` and ``fixed_date`` are dates; other keys
    are kept as ``extra``. Empty lines are skipped.

    Raises
    ------
    SourceError
        The file cannot be read at all.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SourceError(
            f"Labels cannot be read: {error.strerror}.",
            where=Place(path=path.as_posix()),
            right="Labels are JSON lines: {sha, label, pattern?}.",
        ) from error
    labels: list[Label] = []
    rejections: list[Rejection] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        read = _label(line)
        if isinstance(read, Label):
            labels.append(read)
        else:
            rejections.append(Rejection(path=path.as_posix(), at=f"line {number}", reason=read))
    return tuple(labels), tuple(rejections)


def _label(line: bytes) -> Label | str:
    """Return the line's label, or why it is none."""
    try:
        said = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return f"Is no JSON: {error}."
    if not isinstance(said, dict):
        return "Is no JSON object."
    sha, verdict, pattern = (said.pop(key, None) for key in ("sha", "label", "pattern"))
    if not isinstance(sha, str) or not SHA.fullmatch(sha):
        return f"sha is {sha!r}, not 40 hex digits or release:A..B."
    if verdict not in VERDICTS:
        return f"label is {verdict!r}. {suggestion(str(verdict), VERDICTS)}"
    if not isinstance(pattern, str | None):
        return f"pattern is {pattern!r}, not the id of a pattern."
    for key in ("when", "fixed_date"):
        if key in said and not _is_moment(said[key]):
            return f"{key} is {said[key]!r}, no date such as 2026-02-17."
    return Label(sha=sha, label=verdict, pattern=pattern, extra=said)


def _is_moment(said: object) -> bool:
    """Whether it is a date or time; a label that nobody can date would count as always known."""
    try:
        datetime.fromisoformat(str(said))
    except ValueError:
        return False
    return isinstance(said, str)
