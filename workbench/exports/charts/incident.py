"""Charts of one incident's figures: loop durations against their threshold, restarts an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from workbench.domain.cases import Case
from workbench.exports.charts.style import (
    ALARM,
    CALM,
    HOURS,
    LEFT,
    MODEL,
    MUTED,
    Drawing,
    band,
    inline,
    iso,
    rows,
    styled,
    time_x,
    when,
)

if TYPE_CHECKING:
    import altair as alt

SHORTEST_SECONDS = 0.01
"""What a loop of no length is drawn at: a logarithmic axis has no zero."""


def loops(
    samples: pl.DataFrame,
    *,
    case: Case,
    threshold_seconds: float,
    modelled_seconds: float | None = None,
) -> Drawing:
    """Draw loop durations against the liveness threshold, seconds on a logarithmic axis.

    Parameters
    ----------
    samples : polars.DataFrame
        ``at_utc`` and ``seconds`` of loops.
    case : Case
        Gives the shaded span.
    threshold_seconds : float
        Seconds that a loop may take.
    modelled_seconds : float, optional
        What the loop model says it takes.
    """
    import altair as alt

    over = pl.col("seconds") > threshold_seconds
    drawn = samples.sort("at_utc").select(
        "at_utc",
        pl.col("seconds").clip(lower_bound=SHORTEST_SECONDS),
        state=pl.when(over).then(pl.lit("over")).otherwise(pl.lit("within")),
    )
    colours = alt.Scale(domain=["within", "over"], range=[CALM, ALARM])
    ticks = alt.Axis(
        title="loop, seconds", values=[10**n for n in range(-2, 7)], format=",~f", minExtent=LEFT
    )
    x = time_x("at_utc", label=HOURS)
    base = alt.Chart(inline(rows(drawn))).encode(
        x=x,
        y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), axis=ticks),
    )
    layers = [
        *band(x, case=case, last=max([case.started_utc, *drawn["at_utc"].to_list()])),
        base.mark_line(color=MUTED, strokeWidth=1, opacity=0.5),
        base.mark_point(filled=True, size=30, opacity=1).encode(
            color=alt.Color("state:N", scale=colours, legend=None),
            tooltip=[when(), alt.Tooltip("seconds:Q", format=",.1f")],
        ),
        *_level(threshold_seconds, f"liveness threshold: {threshold_seconds:,.0f} s", ALARM),
    ]
    if modelled_seconds is not None:
        layers += _level(modelled_seconds, f"loop model: {modelled_seconds:,.0f} s", MODEL)
    slow = drawn.filter(pl.col("state") == "over").height
    longest = drawn["seconds"].to_numpy().max(initial=0.0)
    said = (
        f"{slow:,} of {drawn.height:,} loops took longer than {threshold_seconds:,.0f} seconds; "
        f"the longest took {longest:,.0f} seconds."
    )
    return styled(alt.LayerChart(layer=layers), height=230, description=said)


def restarts(restarted_utc: Sequence[datetime], *, case: Case) -> Drawing:
    """Draw how many restarts each hour of the incident saw, hours without any included."""
    import altair as alt

    started = case.started_utc
    last = case.ended_utc or max([started, *restarted_utc])
    hours = max(1, -(-int((last - started).total_seconds()) // 3600))
    counts = [0] * hours
    for at in restarted_utc:
        counts[min(max(int((at - started).total_seconds() // 3600), 0), hours - 1)] += 1
    bars = [
        {
            "at_utc": iso(started + timedelta(hours=hour, minutes=4)),
            "end_utc": iso(started + timedelta(hours=hour, minutes=56)),
            "restarts": count,
        }
        for hour, count in enumerate(counts)
    ]
    whole = alt.Axis(
        title="restarts in the hour", tickMinStep=1, format="d", tickCount=4, minExtent=LEFT
    )
    drawn = (
        alt.Chart(inline(bars))
        .mark_rect(color=ALARM)
        .encode(
            x=time_x("at_utc", label=HOURS),
            x2="end_utc:T",
            y=alt.Y("restarts:Q", axis=whole),
            y2=alt.datum(0),
            tooltip=[when(), "restarts:Q"],
        )
    )
    said = f"{len(restarted_utc):,} restarts in {hours:,} hours, at most {max(counts)} in one hour."
    return styled(drawn, height=120, description=said)


def _level(seconds: float, label: str, colour: str) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(inline([{"seconds": seconds, "label": label}])).encode(y="seconds:Q")
    words = base.mark_text(align="right", baseline="bottom", dy=-3, color=colour, fontSize=12)
    return [
        base.mark_rule(color=colour, strokeDash=[6, 4], strokeWidth=1.5),
        words.encode(x=alt.value("width"), text="label:N"),
    ]
