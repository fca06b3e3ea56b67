"""Durations by kind of event: turning points, restarts, mean cycle, gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from workbench.analysis.incidents.durations import durations
from workbench.domain.cases import Case
from workbench.domain.frames import TIMELINE_EVENTS

START = datetime(2026, 2, 10, 6, tzinfo=UTC)
CASE = Case(
    id="c",
    title="t",
    folder=Path(),
    started_utc=START,
    ended_utc=START + timedelta(hours=16),
)


def _events(*rows: tuple[float, str] | tuple[float, str, int]) -> pl.DataFrame:
    return TIMELINE_EVENTS.frame(
        [
            {
                "event_id": str(n),
                "at_utc": START + timedelta(minutes=row[0]),
                "source": "s",
                "kind": row[1],
                "text": "",
                "repeats": row[2] if len(row) > 2 else 1,
                "origin_path": "f",
                "origin_line": n,
            }
            for n, row in enumerate(rows, 1)
        ]
    )


@pytest.mark.parametrize(("restarts", "cycle"), [(52, 18.46), (50, 19.2)])
def test_mean_cycle_is_horizon_over_restarts(restarts: int, cycle: float) -> None:
    """52 restarts in 16 hours are one every 18.5 minutes; 50 are one every 19.2."""
    spent = durations(CASE, _events(*((float(n), "Killing") for n in range(restarts))))
    assert (spent.restarts, spent.horizon_minutes) == (restarts, 960.0)
    assert spent.mean_cycle_minutes == pytest.approx(cycle, abs=0.005)


def test_turning_points_are_the_first_of_their_kind_after_the_start() -> None:
    """What lies before the start does not count; a later one of the same kind neither."""
    spent = durations(
        CASE,
        _events(
            (-5, "detect"),
            (2, "page"),
            (14, "detect"),
            (21, "acknowledge"),
            (30, "acknowledge"),
            (900, "mitigate"),
            (4000, "resolve"),
        ),
    )
    assert spent.to_detect_minutes == 14
    assert spent.to_acknowledge_minutes == 21
    assert spent.to_mitigate_minutes == 900
    assert spent.to_resolve_minutes == 4000


def test_a_page_detects_where_nobody_noted_it() -> None:
    """Without a note, the first page is when it was seen."""
    assert durations(CASE, _events((7, "page"), (3, "alert"))).to_detect_minutes == 7


def test_what_is_unknown_is_none() -> None:
    """No event, no figure; no division by zero."""
    spent = durations(CASE, TIMELINE_EVENTS.empty())
    assert spent.to_detect_minutes is None
    assert spent.mean_cycle_minutes is None
    assert spent.longest_gap_minutes is None
    assert spent.restarts == 0


def test_restarts_outside_the_horizon_do_not_count_and_repeats_do() -> None:
    """The pod that a deployment replaced is no restart of the incident."""
    spent = durations(CASE, _events((-600, "Killing"), (10, "Killing", 3), (2000, "Killing")))
    assert spent.restarts == 3


def test_an_incident_that_goes_on_ends_at_its_last_event() -> None:
    """Without an end the horizon reaches to the last thing known."""
    going = Case(id="c", title="t", folder=Path(), started_utc=START)
    spent = durations(going, _events((0, "Killing"), (30, "Killing"), (120, "note")))
    assert spent.horizon_minutes == 120
    assert spent.mean_cycle_minutes == 60
    assert spent.longest_gap_minutes == 90
