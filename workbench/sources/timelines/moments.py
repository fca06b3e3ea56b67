"""Times of a timeline: text with a zone, as UTC, and how exact the text is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

TIME = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt ](?P<clock>\d{2}:\d{2})"
    r"(?::(?P<seconds>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"[ ]?(?P<zone>Z|z|UTC|(?P<sign>[+-])(?P<hours>\d{2})(?::?(?P<minutes>\d{2}))?)?",
    re.ASCII,
)
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FINEST = 6
"""Digits of a second that a column keeps; further ones are cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time, in UTC, and the seconds that one step of its text stands for."""

    at_utc: datetime
    precision_seconds: float


def moment(value: object, *, name: str) -> Moment:
    """Read a time; nothing that it leaves out is guessed.

    Parameters
    ----------
    value : object
        What stands in the field.
    name : str
        The field, for the reason.

    Raises
    ------
    ValueError
        With the reason: no time, a number whose unit nobody knows, or a time without a zone.
    """
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value)
    else:
        raise ValueError(f"{name} is missing" if value is None else f"{name} is no text")
    found = TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{name} {_why(text)}")
    if found["zone"] is None:
        raise ValueError(f"{name} has no zone: Z or an offset is needed, none is guessed")
    try:
        at = _utc(found)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is no day or time that exists") from None
    return Moment(at_utc=at, precision_seconds=_precision(found))


def _why(text: str) -> str:
    if not text:
        return "is missing"
    if NUMBER.fullmatch(text):
        return "is a number: seconds, milliseconds and local counts cannot be told apart"
    if DAY.fullmatch(text):
        return "is a day without a time"
    return "is not a time such as 2026-02-10T06:14:10Z"


def _utc(found: re.Match[str]) -> datetime:
    fraction = (found["fraction"] or "")[:FINEST].ljust(FINEST, "0")
    wall = f"{found['day']}T{found['clock']}:{found['seconds'] or '00'}.{fraction}"
    away = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    zone = timezone(-away if found["sign"] == "-" else away)
    return datetime.fromisoformat(wall).replace(tzinfo=zone).astimezone(UTC)


def _precision(found: re.Match[str]) -> float:
    if found["seconds"] is None:
        return 60.0
    digits = min(len(found["fraction"] or ""), FINEST)
    return float(f"1e-{digits}")
