"""The first screen of a report: headline figures, the summary, and whom it hit."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from workbench.domain.history import TriageClass
from workbench.exports.report.blocks import Block, Figure, figures, prose
from workbench.exports.report.evidence import Evidence, costliest
from workbench.exports.report.words import (
    counted,
    factor,
    milliseconds,
    minute,
    percent,
    quantity,
    span,
    window,
)


def headline(evidence: Evidence) -> Block:
    """Show the figures that a reader should leave with; those without evidence are left out."""
    shown = [
        _restarts(evidence),
        _longest_loop(evidence),
        _slowest_query(evidence),
        _failed_tries(evidence),
        _commits(evidence),
    ]
    known = [figure for figure in shown if figure is not None]
    return figures(known) if known else prose("The case brings nothing that could be counted.")


def summary(evidence: Evidence) -> Block:
    """Tell in a paragraph what happened, how big it was, and what in the history leads to it."""
    case = evidence.case
    running = f" on version {case.running_version}" if case.running_version else ""
    began = f"From {window(case.started_utc, case.ended_utc)}".replace("From since", "Since")
    restarts = evidence.durations.restarts
    happened = (
        f" the scheduler{running} was **restarted {counted(restarts, 'time')}** "
        f"{_mean_cycle(evidence)}."
        if restarts
        else f" there was an incident{running}."
    )
    sentences = [f"{began}{happened}", *_loop_sentences(evidence), *_query_sentences(evidence)]
    return prose(*sentences, *_history_sentences(evidence))


def impact(evidence: Evidence) -> Block:
    """Tell whom it hit: failed tries by DAG and task, and how long nothing ran in time."""
    failures = evidence.failures_inside
    sentences = []
    if failures.height:
        dags, tasks = failures["dag_id"].n_unique(), failures.select("dag_id", "task_id").n_unique()
        sentences.append(
            f"{counted(failures.height, 'try', 'tries')} of {counted(tasks, 'task')} in "
            f"{counted(dags, 'DAG')} failed during the incident."
        )
    over = evidence.loops.filter(pl.col("seconds") > evidence.threshold_seconds).sort("at_utc")
    if over.height:
        first, last = (minute(at) for at in (over["at_utc"][0], over["at_utc"][-1]))
        sentences.append(
            f"{over.height:,} of {counted(evidence.loops.height, 'finished loop')} took longer "
            f"than the {quantity(evidence.threshold_seconds)} seconds that the liveness probe "
            f"allows, from {first} to {last} UTC; while a loop runs, nothing else is scheduled."
        )
    return prose(*(sentences or ["The case names no failures and no loops, so this is not known."]))


def _mean_cycle(evidence: Evidence) -> str:
    spent = evidence.durations
    if spent.mean_cycle_minutes is None:
        return ""
    cycle = span(60 * spent.mean_cycle_minutes)
    return f"in {span(60 * spent.horizon_minutes)}, once every {cycle} on average"


def _restarts(evidence: Evidence) -> Figure | None:
    if not evidence.durations.restarts:
        return None
    value, note = f"{evidence.durations.restarts:,}", _mean_cycle(evidence)
    return Figure(value=value, label="restarts", note=note, alarming=True)


def _longest_loop(evidence: Evidence) -> Figure | None:
    if evidence.loops.is_empty():
        return None
    longest = float(evidence.loops["seconds"].to_numpy().max())
    return Figure(
        value=f"{quantity(round(longest, 2))} s",
        label="longest scheduler loop",
        note=f"its liveness probe allows {quantity(evidence.threshold_seconds)} s",
        alarming=longest > evidence.threshold_seconds,
    )


def _slowest_query(evidence: Evidence) -> Figure | None:
    row = costliest(evidence.statistics)
    if row is None:
        return None
    shown = Figure(
        value=milliseconds(row["before_ms"]),
        label="the costliest query, an execution",
        note=f"{percent(row['share'])} of the time in the database",
    )
    if row["after_ms"] is None:
        return shown
    note = f"from the first snapshot to the second; {factor(row['ratio'])} times faster"
    value = f"{quantity(row['before_ms'])} → {milliseconds(row['after_ms'])}"
    return replace(shown, value=value, note=note if row["ratio"] >= 1 else shown.note)


def _failed_tries(evidence: Evidence) -> Figure | None:
    failures = evidence.failures_inside
    if failures.is_empty():
        return None
    note = f"saying {counted(failures['template'].n_unique(), 'different thing')}"
    label = "failed tries during the incident"
    return Figure(value=f"{failures.height:,}", label=label, note=note)


def _commits(evidence: Evidence) -> Figure | None:
    if evidence.commits.is_empty():
        return None
    hit = evidence.hits.filter("reached")["sha"].n_unique()
    total = evidence.commits.height
    skipped = evidence.scan.triage.filter(pl.col("class") == TriageClass.SKIP.value).height
    return Figure(
        value=f"{hit:,} of {total:,}",
        label=f"upstream commits landed {evidence.before} and were hit",
        note=f"{percent(skipped / total)} skipped by path rules alone",
    )


def _loop_sentences(evidence: Evidence) -> list[str]:
    sentences = []
    if evidence.loops.height:
        longest = float(evidence.loops["seconds"].to_numpy().max())
        sentences.append(
            f"Its loop took up to {quantity(round(longest))} seconds where "
            f"{quantity(evidence.threshold_seconds)} are allowed."
        )
    limit = evidence.threshold_seconds
    if evidence.model is not None:
        sentences.append(
            f"At this size a loop asks one question {evidence.model.queries():,.0f} times, so an "
            f"answer may take {milliseconds(1000 * evidence.model.budget(limit))} at most."
        )
    return sentences


def _query_sentences(evidence: Evidence) -> list[str]:
    row = costliest(evidence.statistics)
    if row is None or row["ratio"] is None or row["ratio"] < 1:
        return []
    return [
        f"In the database one query took {percent(row['share'])} of the time at "
        f"{milliseconds(row['before_ms'])} an execution; in the second snapshot it takes "
        f"{milliseconds(row['after_ms'])}, {factor(row['ratio'])} times less."
    ]


def _history_sentences(evidence: Evidence) -> list[str]:
    reached = evidence.hits.filter("reached")
    if reached.is_empty():
        return []
    landed = counted(reached["sha"].n_unique(), "commit")
    commits = counted(evidence.commits.height, "upstream commit")
    sentence = f"Of {commits} the patterns hit {landed} that landed {evidence.before}"
    telling = evidence.hits.filter("telling")
    if telling.is_empty():
        return [f"{sentence}."]
    days = (evidence.case.started_utc - telling["committed_utc"].to_list()[0]).days
    shas = telling["sha"].n_unique()
    return [
        f"{sentence}; {shas:,} of those changed a hot path or a name that a failure mentions, "
        f"{'the first ' if shas > 1 else ''}{counted(days, 'day')} before the incident."
    ]
