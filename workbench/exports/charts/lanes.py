"""Charts with lanes over one axis of time: the incident's hours, and the days before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from workbench.domain.cases import Case
from workbench.domain.tables import PolarsType
from workbench.exports.charts.style import (
    ALARM,
    CALM,
    DAYS,
    HOURS,
    INK,
    LEFT,
    MUTED,
    WIDTH,
    Drawing,
    Rows,
    band,
    inline,
    rows,
    styled,
    time_x,
    when,
)

if TYPE_CHECKING:
    import altair as alt

KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("deploys", ("deploy", "release", "rollout", "rollback", "upgrade")),
    ("pages", ("page", "pages", "alert")),
    ("response", ("detect", "acknowledge", "mitigate", "resolve")),
    ("probe failures", ("unhealthy", "probe")),
    ("restarts", ("killing", "restart", "restarts")),
    ("back-off", ("backoff",)),
    ("measurements", ("measure",)),
    ("cluster", ("kubectl",)),
)
"""The lane of an event, by its kind or else its source; what is not listed is a note."""
NOTES, COMMITS, SKIPPED = "notes", "commits", "skipped"
HITS, TELLING = "hits", "telling hits"
ALARMING = ["restarts", "probe failures", "back-off", TELLING]
BEYOND = 0.15
"""How far beyond deploy and incident the hours are drawn, as a share of them: what happened days
later would squeeze the rest."""
LABEL_CHARACTERS = 48
CHARACTER = 6.1
"""Widest usual width of a label's character in pixels, at its size."""
AT = pl.Datetime("us", "UTC")
MARKS: dict[str, PolarsType] = {
    "at_utc": AT,
    "end_utc": AT,
    "lane": pl.String,
    "text": pl.String,
    "repeats": pl.UInt32,
}


def lane_of(events: pl.DataFrame) -> pl.DataFrame:
    """Timeline events with the ``lane`` that each is drawn in."""
    kind, source = (pl.col(name).str.to_lowercase() for name in ("kind", "source"))
    by_kind, by_source = pl.lit(None, pl.String), pl.lit(NOTES)
    for lane, words in KINDS:
        by_kind = pl.when(kind.is_in(words)).then(pl.lit(lane)).otherwise(by_kind)
        by_source = pl.when(source.is_in(words)).then(pl.lit(lane)).otherwise(by_source)
    return events.with_columns(lane=pl.coalesce(by_kind, by_source))


def timeline(events: pl.DataFrame, *, case: Case, commits: pl.DataFrame | None = None) -> Drawing:
    """Draw deploys, upstream commits, pages, probes, restarts and notes on one axis of hours.

    Parameters
    ----------
    events : polars.DataFrame
        Timeline events of the case.
    case : Case
        Gives the shaded span.
    commits : polars.DataFrame, optional
        Upstream commits; those of the drawn hours get a lane of their own.
    """
    shown = _near(lane_of(events).select(list(MARKS)), case)
    span = _span([*shown["at_utc"], *shown["end_utc"].drop_nulls()], case)
    if commits is not None:
        near = commits.filter(pl.col("committed_utc").is_between(*span))
        shown = pl.concat([shown, _marks(near, lane=pl.lit(COMMITS))])
    order = [COMMITS, *(lane for lane, _ in KINDS), NOTES]
    return _drawn(shown, order, span=span, case=case, label=HOURS)


def approach(commits: pl.DataFrame, hits: pl.DataFrame, *, case: Case) -> Drawing:
    """Draw how a change came closer: commits by triage class, hits, the deploy, the incident.

    Parameters
    ----------
    commits : polars.DataFrame
        Upstream commits, each with its triage ``class``.
    hits : polars.DataFrame
        Hits of detectors on them; those whose column ``telling`` is true get a lane of their own.
    case : Case
        Gives deploy and incident.
    """
    triage = pl.when(pl.col("class") == "SKIP").then(pl.lit(SKIPPED)).otherwise(pl.lit("read"))
    telling = pl.col("telling").any() if "telling" in hits.columns else pl.lit(value=False)
    named = hits.group_by("sha").agg(
        telling.alias("telling"), subject=pl.col("pattern").unique().sort().str.join(", ")
    )
    hit = named.join(commits.select("sha", "committed_utc"), on="sha", how="inner")
    tells = pl.when("telling").then(pl.lit(TELLING)).otherwise(pl.lit(HITS))
    shown = pl.concat(
        [
            _marks(commits, lane=triage),
            _marks(hit, lane=tells),
            _deploy(case),
        ]
    )
    span = _span(shown["at_utc"], case)
    order = [SKIPPED, "read", HITS, TELLING, "deploys"]
    return _drawn(shown, order, span=span, case=case, label=DAYS)


def _marks(commits: pl.DataFrame, *, lane: pl.Expr) -> pl.DataFrame:
    return commits.select(
        at_utc="committed_utc",
        end_utc=pl.lit(None, AT),
        lane=lane,
        text="subject",
        repeats=pl.lit(1, pl.UInt32),
    )


def _deploy(case: Case) -> pl.DataFrame:
    words = f"{case.running_version or 'the version'} deployed"
    row = {"at_utc": case.deployed_utc, "lane": "deploys", "text": words, "repeats": 1}
    return pl.DataFrame([row] if case.deployed_utc else [], schema=MARKS)


def _span(moments: Iterable[datetime], case: Case) -> tuple[datetime, datetime]:
    """From the first moment to the last, with a margin."""
    ends = (case.deployed_utc, case.started_utc, case.ended_utc)
    known = [*moments, *(at for at in ends if at is not None)]
    first, last = min(known), max(known)
    margin = max((last - first) / 40, timedelta(minutes=1))
    return first - margin, last + margin


def _near(events: pl.DataFrame, case: Case) -> pl.DataFrame:
    """Events from a little before the deploy to a little after the incident."""
    if case.ended_utc is None:
        return events
    first = min(case.started_utc, case.deployed_utc or case.started_utc)
    margin = (case.ended_utc - first) * BEYOND
    return events.filter(pl.col("at_utc").is_between(first - margin, case.ended_utc + margin))


def _drawn(
    shown: pl.DataFrame,
    order: list[str],
    *,
    span: tuple[datetime, datetime],
    case: Case,
    label: str,
) -> Drawing:
    import altair as alt

    counts = dict(shown.group_by("lane").agg(pl.col("repeats").sum()).iter_rows())
    order = [lane for lane in order if lane in counts]
    data = rows(shown.sort("at_utc", "lane", "text"))
    x = time_x("at_utc", label=label, span=span)
    y = alt.Y(
        "lane:N",
        scale=alt.Scale(domain=order),
        axis=alt.Axis(
            title=None, ticks=False, domain=False, grid=False, labelColor=INK, minExtent=LEFT
        ),
    )
    colours = [ALARM if lane in ALARMING else MUTED if lane == SKIPPED else CALM for lane in order]
    colour = alt.Color("lane:N", scale=alt.Scale(domain=order, range=colours), legend=None)
    marks = alt.Chart(inline(data)).encode(y=y, color=colour)
    late = case.started_utc > span[0] + (span[1] - span[0]) * 0.7
    tooltip = [when(), "lane:N", "text:N", "repeats:Q"]
    layers = [
        *band(x, case=case, last=span[1], align="right" if late else "left"),
        marks.transform_filter("datum.end_utc !== null")
        .mark_bar(height=8, opacity=0.45)
        .encode(x=x, x2="end_utc:T", tooltip=tooltip),
        marks.mark_tick(thickness=2.5, size=16, opacity=0.9).encode(x=x, tooltip=tooltip),
        *_labels(data, x, y, span),
    ]
    said = ", ".join(f"{counts[lane]:,} {lane}" for lane in order)
    first, last = (f"{at:%Y-%m-%d %H:%M}" for at in span)
    return styled(
        alt.LayerChart(layer=layers),
        height=32 * max(len(order), 1) + 8,
        description=f"From {first} to {last} UTC: {said}.",
    )


def _labels(data: Rows, x: alt.X, y: alt.Y, span: tuple[datetime, datetime]) -> list[alt.Chart]:
    """Words beside the marks of sparse lanes, on the side where there is room for them."""
    import altair as alt

    layers = []
    sides: tuple[tuple[bool, Literal["left", "right"], int], ...]
    sides = ((False, "left", 6), (True, "right", -6))
    named = _fitting(data, span)
    for late, align, dx in sides:
        words = alt.Chart(inline([row for row in named if row["late"] is late])).mark_text(
            align=align, baseline="middle", dx=dx, fontSize=11, color=INK
        )
        layers.append(words.encode(x=x, y=y, text="label:N"))
    return layers


def _fitting(data: Rows, span: tuple[datetime, datetime]) -> Rows:
    """Labels that run into no mark and no other label of their lane."""
    width, whole = WIDTH - LEFT, (span[1] - span[0]).total_seconds()

    def place(at: str) -> float:
        return (datetime.fromisoformat(at) - span[0]).total_seconds() / whole * width

    named: Rows = []
    taken: dict[str, list[tuple[float, float]]] = {}
    for row in data:
        edges = [row["at_utc"], row["end_utc"] or row["at_utc"]]
        taken.setdefault(row["lane"], []).append((place(edges[0]), place(edges[1])))
    for row in data:
        edges = [row["at_utc"], row["end_utc"] or row["at_utc"]]
        label = _short(row["text"]) + (f", {row['repeats']:,} times" if row["repeats"] > 1 else "")
        length = CHARACTER * len(label) + 8
        for late in (False, True):
            at = edges[0] if late else edges[1]
            near, far = (
                (place(at) - 2, place(at) - length) if late else (place(at) + 2, place(at) + length)
            )
            low, high = min(near, far), max(near, far)
            free = all(high < a or b < low for a, b in taken[row["lane"]])
            if free and low > 0 and high < width:
                taken[row["lane"]].append((low, high))
                named.append({"at_utc": at, "lane": row["lane"], "label": label, "late": late})
                break
    return named


def _short(text: str) -> str:
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= LABEL_CHARACTERS else line[: LABEL_CHARACTERS - 1] + "…"
