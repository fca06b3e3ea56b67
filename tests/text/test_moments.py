"""A date as people write it is a moment of UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from workbench.errors import WorkbenchError
from workbench.text.moments import NoDateError, moment


@pytest.mark.parametrize(
    ("when", "begins", "ends"),
    [
        ("2026-01-22", datetime(2026, 1, 22, tzinfo=UTC), datetime(2026, 1, 23, tzinfo=UTC)),
        (date(2026, 1, 22), datetime(2026, 1, 22, tzinfo=UTC), datetime(2026, 1, 23, tzinfo=UTC)),
        *(
            (when, datetime(2026, 1, 22, 14, tzinfo=UTC), datetime(2026, 1, 22, 14, tzinfo=UTC))
            for when in (
                "2026-01-22T14:00:00Z",
                "2026-01-22T15:00:00+01:00",
                "2026-01-22 14:00",
                datetime(2026, 1, 22, 14),  # noqa: DTZ001 - without a zone it is UTC
                datetime(2026, 1, 22, 15, tzinfo=timezone(timedelta(hours=1))),
            )
        ),
        (None, None, None),
    ],
)
def test_dates_and_moments(when: object, begins: object, ends: object) -> None:
    """A bare date is its beginning or its end; a moment is itself."""
    assert moment(when, name="since") == begins  # type: ignore[arg-type]
    assert moment(when, name="until", end_of_day=True) == ends  # type: ignore[arg-type]


@pytest.mark.parametrize("when", ["", "soon", "2026-13-01", "2026-1-2", "9999-12-31", 7])
def test_what_is_no_date_is_said(when: object) -> None:
    """The error names the caller's word for it, and shows what would be right."""
    with pytest.raises(NoDateError, match=r"until is .*A date is 2026-01-22") as raised:
        moment(when, name="until", end_of_day=True)  # type: ignore[arg-type]
    assert isinstance(raised.value, WorkbenchError)
