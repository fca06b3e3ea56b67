"""Charts of failures: clusters, DAGs that fail, what the memory learned, how far it is to trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.exports.charts.style import (
    ALARM,
    CALM,
    DAYS,
    LEFT,
    MODEL,
    MUTED,
    Drawing,
    inline,
    rows,
    styled,
    time_x,
    when,
)
from workbench.text.counted import counted

if TYPE_CHECKING:
    import altair as alt

SHOWN = 15
NAME = 44
BAR = 22


def clusters(found: pl.DataFrame, *, shown: int = SHOWN) -> Drawing:
    """Draw the most frequent clusters as bars, each by its template.

    Parameters
    ----------
    found : polars.DataFrame
        ``cluster_id, template, failures`` and, if known, ``why``.
    shown : int
        How many at most.
    """
    top = found.sort("failures", "cluster_id", descending=[True, False]).head(shown)
    # two clusters may share the beginning of their template: the id keeps their bars apart
    name = pl.format("{} {}", pl.col("template").str.slice(0, NAME), pl.col("cluster_id"))
    reasons = [column for column in ("why",) if column in top.columns]
    drawn = top.select("cluster_id", "template", *reasons, "failures", name=name)
    total = int(found["failures"].sum())
    said = f"{counted(total, 'failure')} in {counted(found.height, 'cluster')}"
    if top.height:
        times = counted(int(top["failures"][0]), "time")
        said += f"; the most frequent came {times}: {top['template'][0]}"
        said += f" ({top['why'][0]})" if "why" in top.columns else ""
    return _bars(drawn, value="failures", title="failures", colour=ALARM, said=f"{said}.")


def failing_dags(failures: pl.DataFrame, *, shown: int = SHOWN) -> Drawing:
    """Draw how often each DAG failed.

    Parameters
    ----------
    failures : polars.DataFrame
        ``dag_id``, a row a failure; one without a DAG is left out.
    shown : int
        How many at most.
    """
    often = (
        failures.drop_nulls("dag_id")
        .group_by(name="dag_id")
        .agg(failures=pl.len())
        .sort("failures", "name", descending=[True, False])
    )
    total = int(often["failures"].sum())
    said = f"{counted(total, 'failure')} in {counted(often.height, 'DAG')}"
    if often.height:
        times = counted(int(often["failures"][0]), "time")
        said += f"; {often['name'][0]} failed most often, {times}"
    return _bars(
        often.head(shown), value="failures", title="failures", colour=CALM, said=f"{said}."
    )


def learning(curve: pl.DataFrame) -> Drawing:
    """Draw what would have been proposed as automatic, and how much of it wrongly, by failure.

    Parameters
    ----------
    curve : polars.DataFrame
        What :func:`~workbench.analysis.failures.learning.learning_curve` answers.
    """
    import altair as alt

    lines = {
        "automatic_share": "proposed as automatic",
        "wrong_share": "of these, wrong",
        "novel_share": "novel",
    }
    drawn = (
        curve.select("logged", *lines)
        .unpivot(index="logged", variable_name="line", value_name="share")
        .drop_nulls("share")
        .with_columns(pl.col("line").replace_strict(lines))
    )
    colours = alt.Scale(domain=list(lines.values()), range=[MODEL, ALARM, MUTED])
    chart = (
        alt.Chart(inline(rows(drawn)))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("logged:Q", axis=alt.Axis(title="failures logged", grid=False)),
            y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=_percent("share so far")),
            color=alt.Color("line:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
            tooltip=["logged:Q", "line:N", alt.Tooltip("share:Q", format=".0%")],
        )
    )
    said = f"{counted(curve.height, 'failure')} in time order"
    if curve.height:
        last = curve.row(-1, named=True)
        wrong = last["wrong_share"]
        said += f": {last['automatic_share']:.0%} proposed as automatic, "
        said += "whether rightly nobody knows" if wrong is None else f"{wrong:.0%} of these wrong"
    return styled(chart, height=230, description=f"{said}.")


def reliability(bins: pl.DataFrame) -> Drawing:
    """Draw how often the nearest was right against how similar it was said to be.

    Parameters
    ----------
    bins : polars.DataFrame
        What :func:`~workbench.analysis.failures.calibration.reliability` answers.
    """
    import altair as alt

    unit = alt.Scale(domain=[0, 1])
    x = alt.X("said:Q", scale=unit, axis=alt.Axis(title="similarity said", grid=False))
    share = alt.Y("share:Q", scale=unit, axis=_percent("right"))
    base = alt.Chart(inline(rows(bins))).encode(x=x)
    even = alt.Chart(inline([{"said": 0, "share": 0}, {"said": 1, "share": 1}]))
    layers = [
        even.mark_line(color=MUTED, strokeDash=[6, 4]).encode(x=x, y=share),
        base.mark_rule(color=CALM).encode(y=alt.Y("share_low:Q", title=""), y2="share_high:Q"),
        base.mark_point(filled=True, size=70, color=CALM, opacity=1).encode(
            y=share,
            tooltip=["said:Q", alt.Tooltip("share:Q", format=".0%"), "labels:Q"],
        ),
    ]
    labels = counted(int(bins["labels"].sum()), "label")
    bars = counted(bins.height, "bin")
    said = f"{labels} in {bars} of similarity, each with its 95 % interval."
    return styled(alt.LayerChart(layer=layers), height=260, description=said)


def costs(curve: pl.DataFrame) -> Drawing:
    """Draw what a failure costs on average by where the first gate opens.

    Parameters
    ----------
    curve : polars.DataFrame
        What :func:`~workbench.analysis.failures.calibration.cost_curve` answers; the row without a
        threshold, where a person is always asked, is drawn as a level.
    """
    import altair as alt

    asked = curve.filter(pl.col("threshold").is_null())
    drawn = curve.drop_nulls("threshold")
    y = alt.Y("minutes:Q", axis=alt.Axis(title="minutes a failure", minExtent=LEFT))
    x = alt.X("threshold:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title="gate 1 opens at"))
    base = alt.Chart(inline(rows(drawn)))
    layers: list[alt.Chart] = [
        base.mark_line(color=CALM, interpolate="step-before", point=True).encode(
            x=x,
            y=y,
            tooltip=["threshold:Q", "minutes:Q", alt.Tooltip("wrong_share:Q", format=".1%")],
        ),
        alt.Chart(inline(rows(asked))).mark_rule(color=MUTED, strokeDash=[6, 4]).encode(y=y),
    ]
    said = f"Cost by threshold, {drawn.height:,} of them"
    if drawn.height:
        best = drawn.sort("minutes").row(0, named=True)
        said += f": least at {best['threshold']:.2f}, {best['minutes']:.1f} minutes a failure"
        said += f"; {asked['minutes'][0]:.1f} when a person is always asked"
    return styled(alt.LayerChart(layer=layers), height=230, description=f"{said}.")


def failures_over_time(failures: pl.DataFrame) -> Drawing:
    """Draw when each cluster came, a lane a cluster, the most frequent on top.

    Parameters
    ----------
    failures : polars.DataFrame
        ``at_utc, cluster_id, template, dag_id``; one without a time is left out.
    """
    import altair as alt

    dated = failures.drop_nulls("at_utc")
    often = dated.group_by("cluster_id").agg(times=pl.len()).sort("times", "cluster_id")
    top = often.reverse().head(SHOWN)["cluster_id"].to_list()
    drawn = dated.filter(pl.col("cluster_id").is_in(top)).select(
        "at_utc", "cluster_id", "dag_id", name=pl.col("template").str.slice(0, NAME)
    )
    lanes = alt.Y("cluster_id:N", sort=top, axis=alt.Axis(title=None, minExtent=LEFT))
    chart = (
        alt.Chart(inline(rows(drawn)))
        .mark_tick(color=ALARM, thickness=2, height=14)
        .encode(
            x=time_x("at_utc", label=DAYS),
            y=lanes,
            tooltip=[when(), "dag_id:N", "name:N"],
        )
    )
    kinds = counted(often.height, "cluster")
    said = f"{counted(dated.height, 'failure')} of {kinds} over time."
    return styled(chart, height=max(60, BAR * len(top)), description=said)


def _bars(drawn: pl.DataFrame, *, value: str, title: str, colour: str, said: str) -> Drawing:
    import altair as alt

    whole = alt.Axis(title=title, tickMinStep=1, format="d", tickCount=6)
    names = alt.Axis(title=None, labelLimit=340, minExtent=LEFT)
    told = [name for name in ("cluster_id", "template", "why", "name") if name in drawn.columns]
    tooltip: list[Any] = [*(alt.Tooltip(f"{name}:N") for name in told), alt.Tooltip(f"{value}:Q")]
    chart = (
        alt.Chart(inline(rows(drawn)))
        .mark_bar(color=colour, height=14)
        .encode(
            x=alt.X(f"{value}:Q", axis=whole),
            y=alt.Y("name:N", sort=drawn["name"].to_list(), axis=names),
            tooltip=tooltip,
        )
    )
    return styled(chart, height=max(60, BAR * drawn.height), description=said)


def _percent(title: str) -> alt.Axis:
    import altair as alt

    return alt.Axis(title=title, format="%", minExtent=LEFT)
