"""Charts of the loop model's answers: tornado, phase map, posterior of restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from workbench.exports.charts.axes import quantity_axis, upright
from workbench.exports.charts.style import (
    ALARM,
    CALM,
    GRID,
    INK,
    LEFT,
    Drawing,
    inline,
    rows,
    styled,
)

if TYPE_CHECKING:
    import altair as alt

WITHIN, OVER = "#d6e6f5", "#e58f65"


def tornado(swings: pl.DataFrame, *, limit_seconds: float) -> Drawing:
    """Draw how far each input alone moves the loop, the one that moves it most on top.

    Parameters
    ----------
    swings : polars.DataFrame
        As :data:`workbench.analysis.scale.sensitivity.TORNADO` declares.
    limit_seconds : float
        Seconds that a loop may take.
    """
    import altair as alt

    order = swings["input"].to_list()
    middle = float(swings["middle_seconds"][0])
    least = max(swings.select(pl.min_horizontal("low_seconds", "high_seconds").min()).item(), 1e-3)
    ends = pl.concat(
        [
            swings.select("input", "stated", end=pl.lit(end), seconds=f"{end}_seconds")
            for end in ("low", "high")
        ]
    ).with_columns(pl.col("seconds").clip(lower_bound=least), middle=pl.lit(max(middle, least)))
    scale = alt.Scale(type="log", nice=False)
    axis = quantity_axis("loop, seconds", ",~g")
    bars = alt.Chart(inline(rows(ends))).encode(
        y=alt.Y("input:N", sort=order, axis=_names()),
        x=alt.X("middle:Q", scale=scale, axis=axis),
        x2="seconds:Q",
        color=alt.Color(
            "end:N",
            scale=alt.Scale(domain=["low", "high"], range=[CALM, ALARM]),
            legend=alt.Legend(title="at its 5 % / 95 % quantile", orient="bottom"),
        ),
        tooltip=["input:N", "stated:N", "end:N", alt.Tooltip("seconds:Q", format=",.4~g")],
    )
    layers = [
        bars.mark_bar(height=16),
        *upright(limit_seconds, f"limit {limit_seconds:,g} s", scale),
    ]
    widest = swings.row(0, named=True)
    said = (
        f"The loop takes {middle:,.3g} s with every input at its median; {widest['input']} moves "
        f"it most, from {widest['low_seconds']:,.3g} to {widest['high_seconds']:,.3g} s."
    )
    height = 34 * len(order) + 30
    return styled(alt.LayerChart(layer=layers), height=height, description=said)


def phase_map(
    grid: pl.DataFrame,
    *,
    x: str,
    y: str,
    over: str = "over",
    words: tuple[str, str] = ("within the limit", "over the limit"),
) -> Drawing:
    """Draw a grid of two inputs: where it goes right and where it goes wrong.

    Parameters
    ----------
    grid : polars.DataFrame
        A row for each cell, as :func:`workbench.analysis.scale.sweeps.sweep` gives them; a lab's
        map of plans has the same shape.
    x, y : str
        Columns of the two inputs.
    over : str
        A column that is true where it goes wrong.
    words : tuple of str
        What to call a cell that goes right, and one that goes wrong.
    """
    import altair as alt

    cells = grid.select(
        pl.col(x).cast(pl.Float64),
        pl.col(y).cast(pl.Float64),
        state=pl.when(pl.col(over)).then(pl.lit(words[1])).otherwise(pl.lit(words[0])),
    )
    columns, lines = (cells[name].unique().sort().to_list() for name in (x, y))
    drawn = alt.Chart(inline(rows(cells))).encode(
        x=alt.X(f"{x}:O", sort=columns, axis=_steps(x)),
        y=alt.Y(f"{y}:O", sort=lines[::-1], axis=_steps(y, angle=0)),
        color=alt.Color(
            "state:N",
            scale=alt.Scale(domain=list(words), range=[WITHIN, OVER]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=[
            alt.Tooltip(f"{x}:Q", format=",~g"),
            alt.Tooltip(f"{y}:Q", format=",~g"),
            "state:N",
        ],
    )
    bad = cells.filter(state=words[1]).height
    said = f"{bad:,} of {cells.height:,} combinations of {x} and {y}: {words[1]}."
    return styled(drawn.mark_rect(), height=18 * len(lines) + 20, description=said)


def posterior(explanations: pl.DataFrame) -> Drawing:
    """Draw how likely each loop time is, given a count of restarts; a stuck loop stands last.

    Parameters
    ----------
    explanations : polars.DataFrame
        As :data:`workbench.analysis.scale.inverse.EXPLANATIONS` declares.
    """
    import altair as alt

    by_loop = (
        explanations.group_by("loop_seconds")
        .agg(pl.col("probability").sum())
        .sort("loop_seconds")
        .with_columns(
            loop=pl.when(pl.col("loop_seconds").is_infinite())
            .then(pl.lit("stuck"))
            .otherwise(pl.col("loop_seconds").round(0).cast(pl.Int64).cast(pl.String) + " s")
        )
    )
    order = by_loop["loop"].to_list()
    drawn = alt.Chart(inline(rows(by_loop.select("loop", "probability")))).encode(
        x=alt.X("loop:N", sort=order, axis=alt.Axis(title="mean loop", labelAngle=-45)),
        y=alt.Y("probability:Q", axis=alt.Axis(title="probability", format="~%", minExtent=LEFT)),
        tooltip=["loop:N", alt.Tooltip("probability:Q", format=".2~%")],
    )
    best = by_loop.sort("probability", descending=True).row(0, named=True)
    said = f"The likeliest loop is {best['loop']} with {best['probability']:.0%}."
    return styled(drawn.mark_bar(color=CALM), height=180, description=said)


def _names() -> alt.Axis:
    import altair as alt

    return alt.Axis(
        title=None, ticks=False, domain=False, labelColor=INK, minExtent=LEFT, labelLimit=220
    )


def _steps(title: str, *, angle: int = -45) -> alt.Axis:
    import altair as alt

    return alt.Axis(
        title=title.replace("_", " "), format=",.3~s", labelAngle=angle, labelOverlap=True,
        minExtent=LEFT if angle == 0 else 0, ticks=False, domainColor=GRID,
    )  # fmt: skip
