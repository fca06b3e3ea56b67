"""What all charts share: colours, type, axes of time, and how a value becomes chart data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import polars as pl

from workbench.domain.cases import Case

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, GRID = "#1f2933", "#5f6b7a", "#dfe4ea"
CALM, ALARM, MODEL, BAND = "#1f5fa8", "#c2410c", "#0b7a6b", "#fbe6d8"
"""Colours that stay apart for every common kind of colour blindness; the report's style sheet
swaps them by value where the screen is dark."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDTH = 820
LEFT = 104
"""Room for the names of lanes and values, the same in every chart, so that plots stand in line."""
HOURS = """
  utchours(datum.value) == 0 && utcminutes(datum.value) == 0 || datum.index == 0
    ? [utcFormat(datum.value, '%H:%M'), utcFormat(datum.value, '%b %d')]
    : utcFormat(datum.value, '%H:%M')
""".strip()
DAYS = "utcFormat(datum.value, '%b %d')"
"""How the axis of time is labelled: hours with the day where it begins, or days."""
Rows = list[dict[str, Any]]
Drawing: TypeAlias = "alt.LayerChart | alt.Chart"


def styled(chart: Drawing, *, height: int, description: str) -> Drawing:
    """The chart in our type and colours; ``description`` is read out instead of it."""
    import altair as alt

    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    sized = chart.properties(
        width=WIDTH, height=height, description=description, padding=4, autosize=fit
    )
    typed = sized.configure(font=FONT, aria=False).configure_view(stroke=None)
    made: Drawing = typed.configure_axis(
        labelColor=MUTED,
        titleColor=MUTED,
        labelFontSize=12,
        titleFontSize=12,
        titleFontWeight="normal",
        gridColor=GRID,
        domainColor=GRID,
        tickColor=GRID,
    )
    return made


def time_x(field: str, *, label: str, span: tuple[datetime, datetime] | None = None) -> alt.X:
    """A horizontal axis of UTC time."""
    import altair as alt

    domain = [iso(at) for at in span] if span else alt.Undefined
    axis = alt.Axis(title=None, labelExpr=label, grid=False, labelOverlap="greedy", tickCount=9)
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc", domain=domain), axis=axis)


def inline(values: Rows) -> alt.InlineData:
    """Rows inside the specification: a chart needs no second file."""
    import altair as alt

    return alt.InlineData(values=values)


def when() -> alt.Tooltip:
    """The tooltip line that says when."""
    import altair as alt

    return alt.Tooltip("at_utc:T", title="UTC", format="%Y-%m-%d %H:%M:%S", formatType="utc")


def rows(frame: pl.DataFrame) -> Rows:
    """Rows as chart data: moments as ISO text, everything else as it is."""
    moments = pl.selectors.datetime()
    return frame.with_columns(moments.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")).to_dicts()


def iso(at: datetime) -> str:
    """A moment as the chart data spells it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def band(
    x: alt.X, *, case: Case, last: datetime, align: Literal["left", "right"] = "left"
) -> list[alt.Chart]:
    """The shaded span of the incident, to ``last`` while it has no end, with its name above."""
    import altair as alt

    row = {"at_utc": iso(case.started_utc), "end_utc": iso(case.ended_utc or last)}
    base = alt.Chart(inline([row]))
    words = base.mark_text(align=align, baseline="bottom", dy=-5, color=ALARM, fontSize=12)
    edge = x if align == "left" else alt.X("end_utc:T")
    return [
        base.mark_rect(color=BAND).encode(x=x, x2="end_utc:T"),
        words.encode(x=edge, y=alt.value(0), text=alt.value("the incident")),
    ]
