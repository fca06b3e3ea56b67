"""Commands about failed tries: cluster, match, calibrate, repeats; others are added to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import (
    BenchOption,
    CallerError,
    JsonOption,
    PatternsOption,
    UntilOption,
    answer,
    moment,
    note,
    open_for_reading,
    screen,
    wants_json,
)
from workbench.cli.failure_bodies import match_body
from workbench.text.counted import counted

if TYPE_CHECKING:
    from workbench.analysis.failures.calibration import Calibration
    from workbench.analysis.failures.gates import Gates
    from workbench.analysis.failures.replies import Ask
    from workbench.bench.failure_memory import FailureDesk

failures_app = typer.Typer(no_args_is_help=True, help="What failed before, and what ended it.")

EmbedOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Sentence model: its name, a folder, or 'words' for none.",
        show_default="the installed one",
    ),
]
SHOWN = 12


def attach(app: typer.Typer) -> None:
    """Add these commands, the one that drafts, and those with which people speak."""
    from workbench.cli import failure_drafts, failure_words

    app.add_typer(failures_app, name="failures")
    failure_drafts.attach(failures_app)
    failure_words.attach(failures_app)


@failures_app.command("cluster")
def cluster(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write what the ids stand for under patterns/state.")
    ] = False,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put what is loaded into clusters of failures that mean the same."""
    desk = _desk(bench, patterns, model="words")
    made = desk.clusters()
    if keep:
        lines = desk.keep(made)
        verbs = "is new or says" if lines == 1 else "are new or say"
        note(f"{counted(lines, 'anchor')} {verbs} more than before, in {desk.folder}")
    if wants_json(as_json):
        body = {
            "failures": desk.failures.height,
            "assignments": made.assignments.to_dicts(),
            "clusters": made.clusters.to_dicts(),
        }
        answer("failures-cluster", body)
        return
    console = screen()
    failures = counted(desk.failures.height, "failure")
    console.print(f"{failures} in {counted(made.clusters.height, 'cluster')}")
    for row in made.clusters.head(SHOWN).iter_rows(named=True):
        times, where = counted(row["failures"], "time"), counted(row["dags_hit"], "DAG")
        line = f"{row['cluster_id']}  {times:>12}  {where:>8}  {row['template']}"
        console.print(_cut(line), markup=False)
        console.print(_cut(f"    {row['why']}"), markup=False)


@failures_app.command("match")
def match_file(
    file: Annotated[Path, typer.Argument(help="Failures: a log, a log tree, or JSON lines.")],
    *,
    similarity: Annotated[
        float | None,
        typer.Option(help="Where gate 1 opens, 0 to 1.", show_default="calibrated, or 0.82"),
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(help="Where gate 2 opens, 0 to 1.", show_default="0.5")
    ] = None,
    neighbours: Annotated[int, typer.Option(help="How many to list.", min=3, max=25)] = 5,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the language model of workbench.toml at gate 2.")
    ] = False,
    model: EmbedOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is remembered of the failures in a file; loads nothing, writes nothing."""
    from workbench.analysis.failures.matching import match
    from workbench.bench.failure_memory import incoming

    asked = _endpoint() if ask else None
    desk = _desk(bench, patterns, model=model, keep=False)
    gates = _gates(desk, similarity=similarity, confidence=confidence)
    new, rejected = incoming(file)
    for rejection in rejected:
        note(f"rejected {rejection.path} {rejection.at}: {rejection.reason}")
    memory = desk.memory()
    made = match(new, memory, gates=gates, k=neighbours, ask=asked)
    if wants_json(as_json):
        answer("failures-match", match_body(made, desk, remembered=memory.members.height))
        return
    console = screen()
    for row in made.matches.iter_rows(named=True):
        console.print(_cut(f"{row['failure_id']}  {row['decision']}: {row['why']}"), markup=False)
        if row["suggested"]:
            console.print(_cut(f"    {row['suggested']}"), markup=False)


@failures_app.command("calibrate")
def calibrate(
    *,
    precision: Annotated[
        float, typer.Option(help="Share of what passes gate 1 that has to be right.")
    ] = 0.95,
    wrong_minutes: Annotated[float, typer.Option(help="Cost of a wrong act.", min=0)] = 120.0,
    person_minutes: Annotated[float, typer.Option(help="Cost of asking.", min=0)] = 25.0,
    model: EmbedOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where gate 1 may open, by class of error; or that there are too few labels."""
    from workbench.analysis.failures.calibration import cost_curve, reliability

    desk = _desk(bench, patterns, model=model)
    made = desk.calibration(precision=precision)
    if wants_json(as_json):
        labels = desk.labels()
        costs = cost_curve(labels, wrong_minutes=wrong_minutes, person_minutes=person_minutes)
        body = {
            "precision": made.precision,
            "level": made.level,
            "default_similarity": made.gates().similarity,
            "calibrated": made.gates().calibrated,
            "scorer": desk.scorer,
            "classes": made.rows.to_dicts(),
            "reliability": reliability(labels).to_dicts(),
            "costs": costs.to_dicts(),
            "minutes": {"wrong": wrong_minutes, "person": person_minutes},
        }
        answer("failures-calibrate", body)
        return
    for says in made.rows["says"]:
        screen().print(says, markup=False)
    if not made.gates().calibrated:
        screen().print(f"gate 1 stays at {made.gates().similarity:g}, uncalibrated", markup=False)


@failures_app.command("repeats")
def show_repeats(
    *,
    until: UntilOption = None,
    days: Annotated[int, typer.Option(help="How many days back.", min=1)] = 91,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank what recurs: how often, where, and how often it was diagnosed anew."""
    from workbench.analysis.failures.repeats import decision_times, repeats

    desk = _desk(bench, patterns, model="words")
    last = moment(until, option="--until", end_of_day=True)
    said = desk.resolutions
    found = repeats(desk.failures, desk.clusters().assignments, said, until=last, days=days)
    waits = decision_times(desk.failures, desk.first_words)["seconds"].drop_nulls()
    if wants_json(as_json):
        body = {
            "days": days,
            "until": last,
            "repeats": found.to_dicts(),
            "decided": len(waits),
            "median_seconds_to_decision": waits.median(),
        }
        answer("failures-repeats", body)
        return
    for row in found.head(SHOWN).iter_rows(named=True):
        screen().print(_cut(f"{row['cluster_id']}  {row['says']}"), markup=False)
        screen().print(_cut(f"    {row['template']}"), markup=False)


def _desk(
    bench: Path | None, patterns: Path | None, *, model: str | None, keep: bool = True
) -> FailureDesk:
    """Open the failures of a bench; what their comparison lacks is said on stderr."""
    from workbench.bench.failure_memory import open_desk

    opened = open_for_reading(bench, patterns)
    desk = open_desk(opened, model=model, keep=keep)
    if model != "words" and desk.note:
        note(desk.note)
    return desk


def _gates(desk: FailureDesk, *, similarity: float | None, confidence: float | None) -> Gates:
    """Return the gates that were asked for, or those that labels allow."""
    from dataclasses import replace

    from workbench.analysis.failures.calibration import PRECISION

    for name, value in (("--similarity", similarity), ("--confidence", confidence)):
        if value is not None and not 0.0 <= value <= 1.0:
            what = f"{name} is {value:g}."
            raise CallerError(what, right="A gate opens at a number from 0 to 1.")
    made: Calibration = desk.calibration(precision=PRECISION)
    gates = made.gates(confidence=confidence)
    if similarity is None:
        return gates
    return replace(gates, similarity=similarity, classes={}, calibrated=False)


def _endpoint() -> Ask:
    """Return the language model that the settings name.

    Raises
    ------
    CallerError
        They name none.
    """
    from workbench.endpoint import open_endpoint, read_settings

    settings = read_settings()
    if settings is None:
        what = "--ask asks a language model, and workbench.toml names none."
        raise CallerError(what, right="A table [endpoint] with url and model names one.")
    return open_endpoint(settings)


def _cut(line: str) -> str:
    """One line of a screen: log text has breaks and controls of its own."""
    from workbench.text.printable import printable

    said = printable(" ".join(line.split(" ")).replace("\n", " "))
    return said if len(said) <= 160 else f"{said[:157]}..."
