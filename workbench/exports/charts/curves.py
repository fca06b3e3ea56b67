"""Charts of costs over size: a query over its table's rows, a loop over its task instances."""

from __future__ import annotations

import polars as pl

from workbench.exports.charts.axes import level, quantity_axis
from workbench.exports.charts.style import (
    ALARM,
    CALM,
    INK,
    LEFT,
    MODEL,
    Drawing,
    inline,
    rows,
    styled,
)

COLOURS = (ALARM, MODEL, CALM, INK)
"""Of variants in the order given: what hurts first."""


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
    x = alt.X("rows:Q", scale=wide, axis=quantity_axis("rows in the table", "~s"))
    y_axis = quantity_axis("a query, milliseconds", "~g", room=LEFT)
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
        layers += level(budget_ms, f"a query may take {budget_ms:,.3g} ms")
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


def loop_curve(
    over_tis: pl.DataFrame, *, limit_seconds: float, at: tuple[float, float] | None = None
) -> Drawing:
    """Draw what a loop takes over task instances a run, with its band and the limit.

    Parameters
    ----------
    over_tis : polars.DataFrame
        ``n_tis, value_seconds, low_seconds, high_seconds``.
    limit_seconds : float
        Seconds that a loop may take.
    at : tuple of float, optional
        Task instances and seconds of the loop in question: a point.
    """
    import altair as alt

    columns = ["value_seconds", "low_seconds", "high_seconds"]
    least = 1e-6
    drawn = over_tis.sort("n_tis").with_columns(pl.col(columns).clip(lower_bound=least))
    log = alt.Scale(type="log")
    x = alt.X(
        "n_tis:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=quantity_axis("task instances in a DAG run", "~s"),
    )
    axis = quantity_axis("loop, seconds", ",~g", room=LEFT)
    base = alt.Chart(inline(rows(drawn))).encode(x=x)
    layers = [
        base.mark_area(opacity=0.2, color=MODEL).encode(
            y=alt.Y("low_seconds:Q", scale=log, axis=axis), y2="high_seconds:Q"
        ),
        base.mark_line(strokeWidth=2, color=MODEL).encode(
            y=alt.Y("value_seconds:Q", scale=log, axis=axis)
        ),
        *level(limit_seconds, f"limit {limit_seconds:,g} s"),
    ]
    said = f"Loop seconds over task instances against a limit of {limit_seconds:,g} s."
    if at is not None:
        size, seconds = at
        colour = ALARM if seconds > limit_seconds else CALM
        point = alt.Chart(inline([{"n_tis": size, "seconds": max(seconds, least)}]))
        marked = point.mark_point(filled=True, size=90, opacity=1, color=colour)
        layers.append(marked.encode(x=x, y=alt.Y("seconds:Q", scale=log, axis=axis)))
        said += f" At {size:,g} it takes {seconds:,.4g} s."
    return styled(alt.LayerChart(layer=layers), height=260, description=said)


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
