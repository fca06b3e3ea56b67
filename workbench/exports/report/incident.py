"""What happened, as tables: the timeline, loops and their arithmetic, the database, failures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from workbench.exports.charts.lanes import lane_of
from workbench.exports.report.blocks import Block, prose, table
from workbench.exports.report.evidence import Evidence, compared, costliest
from workbench.exports.report.words import (
    counted,
    day_minute,
    factor,
    milliseconds,
    minute,
    one_line,
    percent,
    quantity,
    span,
)

SINGLED_OUT = 2
"""What is said more often than this is told in one row."""
ROUTINE = "cluster"
"""The lane of events that a cluster makes whenever a container starts: in the appendix only."""
QUERY_CHARACTERS = 160
KNOWN_QUERIES, NEW_QUERIES = 10, 5
"""Rows of the statistics: of queries that the first snapshot has, and of those it has not."""
EVENT_COLUMNS = {"at": "UTC", "lane": "What", "text": "Said", "source": "Source"}


def timeline_table(evidence: Evidence) -> Block:
    """List the events, those that repeat in one row each, a cluster's routine left out."""
    events = lane_of(evidence.events).with_columns(said=pl.len().over("kind", "source", "text"))
    told = events.filter(pl.col("lane") != ROUTINE)
    single = told.filter(pl.col("said") <= SINGLED_OUT)
    many = (
        told.filter(pl.col("said") > SINGLED_OUT)
        .group_by("kind", "source", "text", "lane", maintain_order=True)
        .agg(
            pl.col("at_utc").min(),
            pl.max_horizontal("at_utc", "end_utc").max().alias("last_utc"),
            pl.col("repeats").sum(),
        )
    )
    rows = [(row["at_utc"], _event(row)) for row in single.to_dicts()]
    rows += [(row["at_utc"], _repeated(row)) for row in many.to_dicts()]
    return table(
        [row for _, row in sorted(rows, key=lambda r: (r[0], r[1]["lane"], r[1]["text"]))],
        name="timeline",
        caption=f"What happened, in order, {_years(events)}",
        columns=EVENT_COLUMNS,
        note=f"{counted(events.height - told.height, 'event')} of the cluster's routine, and every "
        "single one of those told in one row here, are in the evidence below.",
    )


def every_event(evidence: Evidence) -> Block:
    """List every event with the file and line it was read from."""
    rows = [
        {**_event(row), "origin": f"{_file(row['origin_path'])}:{row['origin_line']}"}
        for row in lane_of(evidence.events).sort("at_utc", "event_id").to_dicts()
    ]
    columns = EVENT_COLUMNS | {"origin": "Read from"}
    caption = "Every event, with its place in the inputs"
    return table(rows, name="events", caption=caption, columns=columns, code={"origin"})


def durations_table(evidence: Evidence) -> Block:
    """State how often it was restarted and how long each turning point took."""
    spent = evidence.durations
    minutes = {
        "Until somebody or something noticed": spent.to_detect_minutes,
        "Until somebody answered": spent.to_acknowledge_minutes,
        "Until it no longer hurt": spent.to_mitigate_minutes,
        "Until it was resolved": spent.to_resolve_minutes,
        "One restart every, on average": spent.mean_cycle_minutes,
        "Longest time without any event": spent.longest_gap_minutes,
    }
    rows = [{"what": "Restarts during the incident", "value": f"{spent.restarts:,}"}]
    rows += [
        {"what": what, "value": "not recorded" if value is None else span(60 * value)}
        for what, value in minutes.items()
    ]
    columns = {"what": "From the start of the incident", "value": "Figure"}
    caption = "How often, and for how long"
    return table(rows, name="durations", caption=caption, columns=columns, right={"value"})


def scale_card(evidence: Evidence) -> Block:
    """Do the loop model's arithmetic step by step, against the threshold."""
    model, limit = evidence.model, evidence.threshold_seconds
    if model is None:
        return prose("The case does not say how many task instances and DAG runs a loop looks at.")
    query = milliseconds(1000 * model.per_query_seconds)
    rows = [
        _step(
            "Questions a loop asks",
            f"{model.n_tis:,} task instances in each of {model.n_dagruns:,} DAG runs",
            f"{model.queries():,.0f} queries",
        ),
        _step("Time a loop takes", f"{model.queries():,.0f} x {query}", _seconds(model.seconds())),
        _step(
            "Time a query may take",
            f"{quantity(limit)} s / {model.queries():,.0f}",
            milliseconds(1000 * model.budget(limit)),
        ),
    ]
    if (fits := model.break_even(limit)["n_tis"]) is not None:
        rows.append(
            _step(
                "Task instances in a DAG run that would fit",
                f"{quantity(limit)} s / ({model.n_dagruns:,} x {query})",
                f"{int(fits):,} task instances",
            )
        )
    query_row = costliest(evidence.statistics)
    if query_row is not None and (fast := query_row["after_ms"]) is not None:
        rows.append(
            _step(
                "The same loop at the second snapshot's speed",
                f"{model.queries():,.0f} x {milliseconds(fast)}",
                _seconds(model.queries() * fast / 1000),
            )
        )
    rounded = float(f"{1000 * model.per_query_seconds:.2g}")
    aloud = f"{milliseconds(rounded)} a query and {_seconds(model.queries() * rounded / 1000)}"
    return table(
        rows,
        name="scale",
        caption="Why size decides: the loop model",
        columns={"step": "Step", "sum": "Arithmetic", "result": "Result"},
        note=f"In round figures, {aloud}. The "
        "model counts queries alone; Python's own time and round trips are left out.",
    )


def statistics_table(evidence: Evidence) -> Block:
    """Set the database's statistics of both snapshots side by side, costliest query first."""
    every = compared(evidence.statistics)
    place = pl.int_range(pl.len()).over("is_new")
    shown = pl.when("is_new").then(place < NEW_QUERIES).otherwise(place < KNOWN_QUERIES)
    rows = [
        {
            "query": _clipped(one_line(row["query"])),
            "calls": row["calls"],
            "share": "" if row["share"] is None else percent(row["share"]),
            "before": "" if row["before_ms"] is None else milliseconds(row["before_ms"]),
            "after": "" if row["after_ms"] is None else milliseconds(row["after_ms"]),
            "ratio": _times_faster(row),
        }
        for row in every.filter(shown).to_dicts()
    ]
    new = int(every["is_new"].sum())
    only_after = f" New in the second: {counted(new, 'query', 'queries')}." if new else ""
    return table(
        rows,
        name="statistics",
        caption="Queries by time spent, first snapshot against second",
        columns={
            "query": "Query",
            "calls": "Calls",
            "share": "Share of time",
            "before": "Before",
            "after": "After",
            "ratio": "Times faster",
        },
        code={"query"},
        right={"share", "before", "after", "ratio"},
        note="Milliseconds are those of one execution; after counts only calls since the first "
        f"snapshot, unless the counters were reset in between.{only_after}",
    )


def failures_table(evidence: Evidence) -> Block:
    """Count failed tries by what they say once ids, times and paths are blanked."""
    inside = evidence.failures_inside["failure_id"]
    grouped = (
        evidence.failures.group_by("exception", "template")
        .agg(
            pl.len().alias("tries"),
            pl.col("failure_id").is_in(inside.implode()).sum().alias("inside"),
            pl.struct("dag_id", "task_id").n_unique().alias("tasks"),
            pl.col("at_utc").max().alias("last"),
        )
        .sort("inside", "tries", "template", descending=[True, True, False])
    )
    rows = [
        {
            "exception": row["exception"] or "",
            "template": _clipped(row["template"] or ""),
            "tries": row["tries"],
            "inside": row["inside"],
            "tasks": row["tasks"],
            "last": minute(row["last"]) if row["last"] else "",
        }
        for row in grouped.to_dicts()
    ]
    return table(
        rows,
        name="failures",
        caption="Grouped by what they say",
        columns={
            "exception": "Exception",
            "template": "Text, variable parts blanked",
            "tries": "Tries",
            "inside": "In the incident",
            "tasks": "Tasks",
            "last": "Last, UTC",
        },
        code={"exception", "template"},
    )


def _event(row: dict[str, Any]) -> dict[str, Any]:
    until = "" if row["end_utc"] is None else _until(row["at_utc"], row["end_utc"])
    times = f" ({row['repeats']:,} times)" if row["repeats"] > 1 else ""
    figure = "" if row["value"] is None else f": {quantity(row['value'])} {row['unit'] or ''}"
    return {
        "at": f"{day_minute(row['at_utc'])}{until}",
        "lane": row["lane"],
        "text": f"{row['text']}{figure.rstrip()}{times}",
        "source": row["source"],
    }


def _repeated(row: dict[str, Any]) -> dict[str, Any]:
    lasted = span((row["last_utc"] - row["at_utc"]).total_seconds())
    return {
        "at": f"{day_minute(row['at_utc'])}{_until(row['at_utc'], row['last_utc'])}",
        "lane": row["lane"],
        "text": f"{row['text']} ({row['repeats']:,} times in {lasted})",
        "source": row["source"],
    }


def _until(start: datetime, end: datetime) -> str:
    return f" to {end:%H:%M}" if start.date() == end.date() else f" to {day_minute(end)}"


def _years(events: pl.DataFrame) -> str:
    years = sorted(events["at_utc"].dt.year().unique().to_list())
    return " and ".join(map(str, years)) or "without events"


def _step(step: str, arithmetic: str, result: str) -> dict[str, str]:
    return {"step": step, "sum": arithmetic, "result": result}


def _seconds(seconds: float) -> str:
    return f"{quantity(round(seconds, 2))} s"


def _times_faster(row: dict[str, Any]) -> str:
    if row["is_new"]:
        return "new"
    return "" if row["ratio"] is None else factor(row["ratio"])


def _clipped(text: str) -> str:
    return text if len(text) <= QUERY_CHARACTERS else text[: QUERY_CHARACTERS - 1] + "…"


def _file(path: str | None) -> str:
    return (path or "").rsplit("/", 1)[-1]
