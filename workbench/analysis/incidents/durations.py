"""How long an incident took to be seen and ended, and how often something was restarted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from workbench.domain.cases import Case
from workbench.domain.frames import TIMELINE_EVENTS

DETECT = ("detect", "page", "alert")
ACKNOWLEDGE = ("acknowledge",)
MITIGATE = ("mitigate",)
RESOLVE = ("resolve",)
RESTART = ("Killing", "restart")
MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """Minutes from an incident's start to its turning points; None where no event says so.

    ``horizon_minutes`` is the span in which ``restarts`` are counted: from the start to the end,
    or to the last event of an incident that still goes on. ``mean_cycle_minutes`` is horizon over
    restarts. ``longest_gap_minutes`` is the longest time inside the horizon without any event.
    """

    to_detect_minutes: float | None
    to_acknowledge_minutes: float | None
    to_mitigate_minutes: float | None
    to_resolve_minutes: float | None
    horizon_minutes: float
    restarts: int
    mean_cycle_minutes: float | None
    longest_gap_minutes: float | None


def durations(case: Case, events: pl.DataFrame) -> Durations:
    """Measure an incident by the kinds of its events.

    Parameters
    ----------
    case : Case
        Gives start and end.
    events : polars.DataFrame
        As declared in :data:`workbench.domain.frames.TIMELINE_EVENTS`. Turning points are the
        first ``detect`` (else page or alert), ``acknowledge``, ``mitigate`` and ``resolve`` at or
        after the start; restarts are the ``Killing`` events of a cluster (and ``restart`` notes)
        inside the horizon, repeats counted.

    Returns
    -------
    Durations
        Minutes.
    """
    ordered = TIMELINE_EVENTS.check(events).sort("at_utc")
    since = ordered.filter(pl.col("at_utc") >= case.started_utc)
    end = case.ended_utc or _last(since) or case.started_utc
    inside = since.filter(pl.col("at_utc") <= end)
    horizon = (end - case.started_utc).total_seconds() / MINUTE
    restarts = int(inside.filter(pl.col("kind").is_in(RESTART))["repeats"].sum())
    return Durations(
        to_detect_minutes=_first(since, DETECT, case.started_utc),
        to_acknowledge_minutes=_first(since, ACKNOWLEDGE, case.started_utc),
        to_mitigate_minutes=_first(since, MITIGATE, case.started_utc),
        to_resolve_minutes=_first(since, RESOLVE, case.started_utc),
        horizon_minutes=horizon,
        restarts=restarts,
        mean_cycle_minutes=horizon / restarts if restarts else None,
        longest_gap_minutes=_longest_gap(inside),
    )


def _first(events: pl.DataFrame, kinds: tuple[str, ...], start: datetime) -> float | None:
    """Minutes from the start to the first event of the first kind that occurs at all."""
    for kind in kinds:
        when = events.filter(pl.col("kind") == kind)["at_utc"].min()
        if isinstance(when, datetime):
            return (when - start).total_seconds() / MINUTE
    return None


def _last(events: pl.DataFrame) -> datetime | None:
    when = events["at_utc"].max()
    return when if isinstance(when, datetime) else None


def _longest_gap(events: pl.DataFrame) -> float | None:
    longest = events["at_utc"].diff().dt.total_microseconds().max()
    return None if longest is None else float(longest) / (MINUTE * 1e6)  # type: ignore[arg-type]
