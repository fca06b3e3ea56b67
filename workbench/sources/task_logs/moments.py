"""Times as sources write them: ISO texts, seconds since 1970, database columns."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(value: object) -> datetime | None:
    """A time in UTC; one without a zone is UTC, as Airflow keeps it; null for anything else."""
    try:
        if isinstance(value, datetime):
            at = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str) and value:
            at = datetime.fromisoformat(value)
        else:
            return None
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
