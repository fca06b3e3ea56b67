"""Dates as people write them, as moments of UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from workbench.errors import WorkbenchError

RIGHT = "A date is 2026-01-22, a moment 2026-01-22T14:00:00Z."
When = str | date | datetime
"""A date, a moment, or the ISO text of one; without a zone it is UTC."""


class NoDateError(WorkbenchError, ValueError):
    """What was given for a date is none."""


def moment(when: When | None, *, name: str, end_of_day: bool = False) -> datetime | None:
    """Return a moment of UTC; a bare date means its beginning, or its end (24:00).

    Parameters
    ----------
    when : str, date or datetime, optional
        None stays None.
    name : str
        What the caller calls it, for the error.
    end_of_day : bool
        Whether a bare date means the end of that day.

    Raises
    ------
    NoDateError
        The text is neither an ISO date nor an ISO moment, or lies outside the calendar.
    """
    if when is None:
        return None
    try:
        if isinstance(when, str):
            bare = len(when) == len("2026-01-22")
            when = date.fromisoformat(when) if bare else datetime.fromisoformat(when)
        if isinstance(when, datetime):
            return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
        day = datetime.combine(when, time(), UTC)
        return day + timedelta(days=1) if end_of_day else day
    except (ValueError, OverflowError, TypeError) as error:
        raise NoDateError(f"{name} is {when!r}, which is no date.", right=RIGHT) from error
