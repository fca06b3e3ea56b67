"""Charts of the scale models: cost curves with bands, tornado, phase map, posterior of restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from workbench.exports.charts.style import (
    ALARM,
    CALM,
    GRID,
    INK,
    LEFT,
    MODEL,
    MUTED,
    Drawing,
    inline,
    rows,
    styled,
)

if TYPE_CHECKING:
    import altair as alt

COLOURS = (ALARM, MODEL, CALM, INK)
"""Of variants in the order given: what hurts first."""
WITHIN, OVER = "#d6e6f5", "#e58f65"


def cost_curves(
    curve: pl.DataFrame,
    *,
    budget_ms: float | None = None,
    measured: pl.DataFrame | None = None,
    measure: str = "client_ms",
) -> Drawing:
    """Draw what a query costs over the rows of its table, with bands and the budget.

    Parameters
    ----------
    curve : polars.DataFrame
        As :data:`workbench.analysis.scale.cost_curves.CURVE` declares, of one or more variants;
        what lies beyond the data is dashed.
    budget_ms : float, optional
        Milliseconds that a query may take.
    measured : polars.DataFrame, optional
        Measurements behind the curves; a point for each size's mean.
    measure : str
        The column of those that the curves were fitted to.
    """
    import altair as alt

    order = curve["variant"].unique(maintain_order=True).to_list()
    colour = alt.Color(
        "variant:N",
        scale=alt.Scale(domain=order, range=[COLOURS[n % len(COLOURS)] for n in range(len(order))]),
        legend=alt.Legend(title="index", orient="top-left", labelFontSize=12),
    )
    wide = alt.Scale(type="log", nice=False)
    x = alt.X("rows:Q", scale=wide, axis=_axis("rows in the table", "~s"))
    y_axis = _axis("a query, milliseconds", "~g", room=LEFT)
    log = alt.Scale(type="log")
    base = alt.Chart(inline(_drawn(curve))).encode(x=x, color=colour)
    tip = [
        alt.Tooltip("variant:N"),
        alt.Tooltip("rows:Q", format=",.0f"),
        alt.Tooltip("value_ms:Q", format=",.4~g"),
        alt.Tooltip("low_ms:Q", format=",.4~g"),
        alt.Tooltip("high_ms:Q", format=",.4~g"),
        alt.Tooltip("beyond_data:Q", format=",.2~f"),
    ]
    line = base.encode(y=alt.Y("value_ms:Q", scale=log, axis=y_axis), tooltip=tip)
    layers = [
        base.mark_area(opacity=0.18).encode(
            y=alt.Y("low_ms:Q", scale=log, axis=y_axis), y2="high_ms:Q"
        ),
        line.transform_filter("datum.beyond_data <= 1").mark_line(strokeWidth=2),
        line.transform_filter("datum.end")
        .mark_line(strokeWidth=2, strokeDash=[4, 4])
        .encode(detail="end:N"),
    ]
    if measured is not None:
        means = measured.group_by("variant", "rows", maintain_order=True).agg(
            value_ms=pl.col(measure).mean()
        )
        points = alt.Chart(inline(rows(means.filter(pl.col("variant").is_in(order)).drop_nulls())))
        layers.append(
            points.mark_point(filled=True, size=36, opacity=1).encode(
                x=x, y=alt.Y("value_ms:Q", scale=log, axis=y_axis), color=colour
            )
        )
    if budget_ms is not None:
        layers += _rule(budget_ms, f"a query may take {budget_ms:,.3g} ms")
    said = "; ".join(
        f"{part['variant'][0]}: {part['value_ms'][-1]:,.3g} ms at {part['rows'][-1]:,} rows"
        for part in (curve.filter(variant=name).sort("rows") for name in order)
    )
    budget = "" if budget_ms is None else f" The budget is {budget_ms:,.3g} ms."
    return styled(
        alt.LayerChart(layer=layers),
        height=300,
        description=f"Cost of a query by rows, {said}.{budget}",
    )


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
    axis = _axis("loop, seconds", ",~g")
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
        *_column(limit_seconds, f"limit {limit_seconds:,g} s", scale),
    ]
    widest = swings.row(0, named=True)
    said = (
        f"The loop takes {middle:,.3g} s with every input at its median; {widest['input']} moves "
        f"it most, from {widest['low_seconds']:,.3g} to {widest['high_seconds']:,.3g} s."
    )
    height = 34 * len(order) + 30
    return styled(alt.LayerChart(layer=layers), height=height, description=said)


def phase_map(grid: pl.DataFrame, *, x: str, y: str, over: str = "over") -> Drawing:
    """Draw a grid of two inputs: where the loop keeps its limit and where it does not.

    Parameters
    ----------
    grid : polars.DataFrame
        A row for each cell, as :func:`workbench.analysis.scale.sweeps.sweep` gives them; a lab's
        map of plans has the same shape.
    x, y : str
        Columns of the two inputs.
    over : str
        A column that is true where it goes wrong.
    """
    import altair as alt

    cells = grid.select(
        pl.col(x).cast(pl.Float64),
        pl.col(y).cast(pl.Float64),
        state=pl.when(pl.col(over)).then(pl.lit("over")).otherwise(pl.lit("within")),
    )
    columns, lines = (cells[name].unique().sort().to_list() for name in (x, y))
    drawn = alt.Chart(inline(rows(cells))).encode(
        x=alt.X(f"{x}:O", sort=columns, axis=_steps(x)),
        y=alt.Y(f"{y}:O", sort=lines[::-1], axis=_steps(y, angle=0)),
        color=alt.Color(
            "state:N",
            scale=alt.Scale(domain=["within", "over"], range=[WITHIN, OVER]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=[
            alt.Tooltip(f"{x}:Q", format=",~g"),
            alt.Tooltip(f"{y}:Q", format=",~g"),
            "state:N",
        ],
    )
    bad = cells.filter(state="over").height
    said = f"{bad:,} of {cells.height:,} combinations of {x} and {y} are over the limit."
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


def _drawn(curve: pl.DataFrame) -> list[dict[str, object]]:
    """Rows of the curve above zero, each told at which end of the data it lies."""
    whole = curve.sort("variant", "rows").with_columns(
        pl.col("low_ms").clip(lower_bound=1e-6),
        pl.col("value_ms").clip(lower_bound=1e-6),
        pl.col("high_ms").clip(upper_bound=1e12),
    )
    beyond = pl.col("beyond_data") > 1
    begins, ends = (
        pl.col("rows").filter(~beyond).min(),
        pl.col("rows").filter(~beyond).max(),
    )
    below = pl.when(pl.col("rows") <= begins.over("variant")).then(pl.lit("below"))
    end = below.when(pl.col("rows") >= ends.over("variant")).then(pl.lit("above"))
    return rows(whole.with_columns(end=end))


def _axis(title: str, form: str, *, room: int = 0) -> alt.Axis:
    import altair as alt

    return alt.Axis(title=title, format=form, minExtent=room, tickCount=7, labelOverlap="greedy")


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


def _rule(value: float, label: str) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(inline([{"level": value, "label": label}])).encode(y="level:Q")
    words = base.mark_text(align="right", baseline="bottom", dy=-3, color=MUTED, fontSize=12)
    return [
        base.mark_rule(color=MUTED, strokeDash=[6, 4], strokeWidth=1.5),
        words.encode(x=alt.value("width"), text="label:N"),
    ]


def _column(value: float, label: str, scale: alt.Scale) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(inline([{"level": value, "label": label}])).encode(
        x=alt.X("level:Q", scale=scale)
    )
    words = base.mark_text(align="left", baseline="top", dx=4, color=MUTED, fontSize=12)
    return [
        base.mark_rule(color=MUTED, strokeDash=[6, 4], strokeWidth=1.5),
        words.encode(y=alt.value(0), text="label:N"),
    ]
