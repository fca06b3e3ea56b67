"""Commands of the query lab: measure a scenario, map its plans, count a release's calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import (
    DEFAULT_BENCH,
    BenchOption,
    CallerError,
    JsonOption,
    answer,
    note,
    shared,
    wants_json,
)
from workbench.cli.lab_screens import as_fields, show
from workbench.errors import Place

if TYPE_CHECKING:
    import polars as pl

    from workbench.lab.lab import Lab

lab_app = typer.Typer(no_args_is_help=True, help="Measure on real databases and released code.")
ScenarioArgument = Annotated[
    str, typer.Argument(help="A shipped scenario, or a file of one's own.")
]
EngineOption = Annotated[
    str, typer.Option("--engine", help="auto, postgresql (insist on it) or sqlite.")
]
DsnOption = Annotated[
    str | None, typer.Option("--dsn", help="A running PostgreSQL, without Airflow's tables.")
]
BinOption = Annotated[
    Path | None, typer.Option("--bin-dir", help="Folder of initdb, postgres and pg_ctl.")
]


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(lab_app, name="lab")


@lab_app.command("run")
def run_scenario(
    scenario: ScenarioArgument,
    *,
    rows: Annotated[int | None, typer.Option("--rows", help="Largest size of the ladder.")] = None,
    rows_per_key: Annotated[
        int | None, typer.Option("--rows-per-key", help="Rows that belong to one key.")
    ] = None,
    sizes: Annotated[int, typer.Option("--sizes", help="Sizes up to the largest.")] = 10,
    profile: Annotated[
        list[str] | None,
        typer.Option("--profile", help="Parameters to measure with; may be repeated."),
    ] = None,
    engine: EngineOption = "auto",
    dsn: DsnOption = None,
    bin_dir: BinOption = None,
    bench: BenchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fill and measure a scenario at growing sizes; what was measured is kept beside the bench."""
    from workbench.lab.ladders import sizes as ladder_sizes
    from workbench.lab.scenarios import read_scenario

    made = read_scenario(scenario)
    top = made.fill.rows if rows is None else rows
    run = _lab(engine, dsn, bin_dir, bench).run(
        made,
        rows=ladder_sizes(top, count=sizes),
        rows_per_key=rows_per_key,
        profiles=profile,
    )
    if wants_json(as_json):
        answer("lab-run", as_fields(run))
    else:
        show(run)


@lab_app.command("phases")
def map_phases(
    scenario: ScenarioArgument,
    *,
    rows: Annotated[list[int], typer.Option("--rows", help="Rows; may be repeated.")],
    rows_per_key: Annotated[
        list[int], typer.Option("--rows-per-key", help="Rows of one key; may be repeated.")
    ],
    variant: Annotated[str, typer.Option("--index", help="The index asked about.")] = "plain",
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", help="NAME=VALUE of the session; each is one more map."),
    ] = None,
    engine: EngineOption = "auto",
    dsn: DsnOption = None,
    bin_dir: BinOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where the planner takes an index, and where it has it and does not."""
    found = _lab(engine, dsn, bin_dir, None).phases(
        scenario,
        rows=rows,
        rows_per_key=rows_per_key,
        variant=variant,
        settings=[{}, *(_setting(each) for each in setting or [])],
    )
    if wants_json(as_json):
        answer("lab-phases", {"cells": found.to_dicts()})
        return
    for row in found.iter_rows(named=True):
        word = "used  " if row["used"] else "unused"
        where = f"{row['rows']:>12,} rows x {row['rows_per_key']:>6,} a key"
        typer.echo(f"{word} {where}  {row['plan_signature']}  ({row['settings']})")


@lab_app.command("calls")
def count_releases(
    releases: Annotated[
        list[str] | None, typer.Argument(help="Releases of Airflow; 3.1.6 3.1.7 3.1.8 by default.")
    ] = None,
    *,
    task_instances: Annotated[
        int, typer.Option("--task-instances", help="Task instances of a DAG run.")
    ] = 200,
    position: Annotated[
        list[int] | None,
        typer.Option("--position", help="Where a waiting sensor stands, from 0; repeatable."),
    ] = None,
    dag_runs: Annotated[int, typer.Option("--dag-runs", help="DAG runs looked at.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Run the scheduler's own step of releases, and count what it asks, by call site."""
    import polars as pl

    from workbench.lab.calls import calls_per_run, count_calls

    found = pl.concat(
        count_calls(
            release,
            task_instances=task_instances,
            positions=position or [0],
            dag_runs=dag_runs,
            say=note,
        )
        for release in releases or ["3.1.6", "3.1.7", "3.1.8"]
    )
    runs = calls_per_run(found)
    if wants_json(as_json):
        answer("lab-calls", {"runs": runs.to_dicts(), "calls": found.to_dicts()})
        return
    for row in runs.iter_rows(named=True):
        typer.echo(
            f"{row['release']} run {row['run']}: {row['calls']:,} calls to task_reschedule for "
            f"{task_instances:,} task instances, {row['seconds']:.3f} s; "
            f"{row['step_seconds']:.3f} s in all"
        )
    for row in found.filter(pl.col("table_name") == "task_reschedule").iter_rows(named=True):
        typer.echo(f"  {row['release']}: {row['calls']:,} x {row['site']}")


@lab_app.command("queries")
def compare_snapshots(
    before: Annotated[Path, typer.Argument(help="pg_stat_statements as CSV, the earlier one.")],
    after: Annotated[Path, typer.Argument(help="The later one.")],
    *,
    database: Annotated[
        str | None, typer.Option("--database", help="Only rows of this dbid or datname.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", help="Only queries whose text holds this.")
    ] = None,
    loops: Annotated[
        int | None, typer.Option("--loops", min=1, help="Scheduler loops between the two.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what each query cost between two snapshots, without touching a server."""
    import polars as pl

    from workbench.analysis.scale.query_deltas import query_deltas

    first, second = (_snapshot(file, database) for file in (before, after))
    found = query_deltas(first, second, query=query).with_columns(
        calls_per_loop=pl.col("calls") / pl.lit(loops, pl.Float64)
    )
    if wants_json(as_json):
        answer("lab-queries", {"database": database, "loops": loops, "queries": found.to_dicts()})
        return
    for row in found.iter_rows(named=True):
        calls, total = row["calls"], row["total_ms"]
        cost = "cost unknown" if calls is None else f"{calls:,} calls, {total:,.1f} ms"
        unsure = "" if row["sure"] else f" ({row['status']})"
        typer.echo(f"{cost}{unsure}  {' '.join(row['query'].split())[:120]}")


def _snapshot(file: Path, database: str | None) -> pl.DataFrame:
    """Read one file; what could not be read is told."""
    from workbench.domain.loading import Known
    from workbench.sources.query_stats import read_query_stats

    source = read_query_stats(file, snapshot=file.stem, database=database)
    (batch,) = source.read(Known())
    for refused in batch.rejections:
        note(f"{refused.path}: {refused.at}: {refused.reason}")
    if batch.note:
        note(f"{file}: {batch.note}")
    return batch.frames[source.unit]


@lab_app.command("new")
def new_scenario(
    file: Annotated[Path, typer.Argument(help="The file to write, for example mine.toml.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Write a scenario to start from, with what can be said in it."""
    from workbench.lab.scenarios import SHIPPED

    if file.exists():
        what = "There is a file already."
        raise CallerError(what, where=Place(path=str(file)), todo="Name another one.")
    text = (SHIPPED / "template.toml").read_text("utf-8")
    try:
        file.write_text(text.replace('id = "template"', f'id = "{file.stem}"'), encoding="utf-8")
    except OSError as error:
        what = f"The file cannot be written: {error.strerror}."
        raise CallerError(what, where=Place(path=str(file))) from error
    if wants_json(as_json):
        answer("lab-new", {"written": [file]})
    else:
        typer.echo(f"{file}: change it, then: workbench lab run {file}")


def _lab(engine: str, dsn: str | None, bin_dir: Path | None, bench: Path | None) -> Lab:
    from workbench.lab.lab import MEASUREMENTS_FOLDER, Lab

    if engine not in ("auto", "postgresql", "sqlite"):
        what = f"--engine is {engine!r}, which is none."
        raise CallerError(what, right="There are auto, postgresql and sqlite.")
    home = (bench or shared().bench or DEFAULT_BENCH).parent
    keep = home / MEASUREMENTS_FOLDER
    return Lab(engine=engine, dsn=dsn, bin_dir=bin_dir, keep=keep, say=note)  # type: ignore[arg-type]


def _setting(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.replace("_", "").isalnum():
        what = f"--setting is {text!r}, which is no NAME=VALUE."
        raise CallerError(what)
    return {name: value}
