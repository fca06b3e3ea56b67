"""Axes of quantities, and the lines that a limit draws across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.exports.charts.style import MUTED, inline

if TYPE_CHECKING:
    import altair as alt


def quantity_axis(title: str, form: str, *, room: int = 0) -> alt.Axis:
    """An axis of numbers in a format; ``room`` keeps plots in line."""
    import altair as alt

    return alt.Axis(title=title, format=form, minExtent=room, tickCount=7, labelOverlap="greedy")


def level(value: float, label: str) -> list[alt.Chart]:
    """A level across the plot, with its name at the right."""
    import altair as alt

    base = alt.Chart(inline([{"level": value, "label": label}])).encode(y="level:Q")
    words = base.mark_text(align="right", baseline="bottom", dy=-3, color=MUTED, fontSize=12)
    return [
        base.mark_rule(color=MUTED, strokeDash=[6, 4], strokeWidth=1.5),
        words.encode(x=alt.value("width"), text="label:N"),
    ]


def upright(value: float, label: str, scale: alt.Scale) -> list[alt.Chart]:
    """A value down the plot, with its name on top."""
    import altair as alt

    base = alt.Chart(inline([{"level": value, "label": label}])).encode(
        x=alt.X("level:Q", scale=scale)
    )
    words = base.mark_text(align="left", baseline="top", dx=4, color=MUTED, fontSize=12)
    return [
        base.mark_rule(color=MUTED, strokeDash=[6, 4], strokeWidth=1.5),
        words.encode(y=alt.value(0), text="label:N"),
    ]
