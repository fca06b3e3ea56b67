"""One event of a timeline as a row: fields checked and redacted, an id of its own."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.sources.timelines.moments import Moment, moment
from workbench.text.redact import redact, redact_json

MOST_REPEATS = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as its source has it: named, not checked yet.

    ``at`` and ``end`` are pairs of the field's name and its value, ``extra`` is what no column
    takes.
    """

    id: object
    at: tuple[str, object]
    end: tuple[str, object]
    source: object
    kind: object
    text: object
    subject: object = None
    value: object = None
    unit: object = None
    repeats: object = 1
    extra: Mapping[str, object] | None = None


Row = dict[str, Any]


def row_of(event: Event) -> Row:
    """Return the columns of an event, redacted, but for its case and where it came from.

    Raises
    ------
    ValueError
        With the reason why it cannot be a row.
    """
    at = moment(event.at[1], name=event.at[0])
    row: Row = {
        "at_utc": at.at_utc,
        "end_utc": _end(event, at),
        "source": _word(event.source, "source"),
        "kind": _word(event.kind, "kind"),
        "text": _text(event.text, "text") or "",
        "subject": _text(event.subject, "subject"),
        "value": _number(event.value),
        "unit": _text(event.unit, "unit"),
        "repeats": _count(event.repeats),
        "precision_seconds": at.precision_seconds,
        "extra": json_text(event.extra) if event.extra else None,
    }
    given = _text(event.id, "id")
    row["event_id"] = given if given and given == event_text(event.id) else _digest(row)
    return row


def json_text(value: object) -> str:
    """Return JSON of a value, redacted, the same bytes for the same content."""
    try:
        text = json.dumps(redact_json(value), ensure_ascii=False, sort_keys=True, allow_nan=False)
    except ValueError:
        raise ValueError("a field holds a number that JSON does not know") from None
    return checked(text, "a field")


def checked(text: str, name: str) -> str:
    """Return the text as it is.

    Raises
    ------
    ValueError
        It holds half a character: bytes that are not UTF-8, or a lone half of a JSON escape.
    """
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError(f"{name} holds bytes that are not UTF-8 text")
    return text


def event_text(value: object) -> str:
    """Return a field as text: a number as it is written, nothing for nothing."""
    return "" if value is None else str(value).strip()


def _text(value: object, name: str) -> str | None:
    """Return a field's text, redacted; None when it is empty."""
    if isinstance(value, bool | list | dict):
        raise ValueError(f"{name} is {type(value).__name__}, not text")
    return redact(checked(event_text(value), name)) or None


def _word(value: object, name: str) -> str:
    text = _text(value, name)
    if text is None:
        raise ValueError(f"{name} is missing")
    return text


def _end(event: Event, at: Moment) -> object:
    name, value = event.end
    if value is None or value == "":
        return None
    end = moment(value, name=name).at_utc
    if end < at.at_utc:
        raise ValueError(f"{name} is before {event.at[0]}")
    return end if end > at.at_utc else None


def _number(value: object) -> float | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError("value is no number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError("value is no number") from None
    if not math.isfinite(number):
        raise ValueError("value is no finite number")
    return number


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MOST_REPEATS:
        raise ValueError("count is no positive whole number")
    return value


def _digest(row: Row) -> str:
    content = json.dumps(row, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=12).hexdigest()
