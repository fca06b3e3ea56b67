"""The command dags config: what is wrong with the state store's settings, and with retries."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import (
    CallerError,
    JsonOption,
    PatternsOption,
    answer,
    note,
    shared,
    wants_json,
)
from workbench.domain.history import Severity
from workbench.text.counted import counted

if TYPE_CHECKING:
    from workbench.analysis.dag_rules.config_lint import ConfigLint

GROUP = "dags"


def attach(app: typer.Typer) -> None:
    """Add this command to the group of commands about DAGs, which is made if it is not there."""
    groups = [g.typer_instance for g in app.registered_groups if g.name == GROUP]
    group = groups[0] if groups and groups[0] else typer.Typer(no_args_is_help=True)
    if not groups:
        app.add_typer(group, name=GROUP, help="DAG files and the configuration they run under.")
    group.command("config")(config)


def config(
    file: Annotated[Path, typer.Argument(help="An airflow.cfg.")],
    *,
    dags: Annotated[
        list[Path] | None,
        typer.Option("--dags", help="A DAG file or folder whose retries are held against it."),
    ] = None,
    environment: Annotated[
        bool, typer.Option("--environment", help="Let AIRFLOW__ variables win over the file.")
    ] = False,
    airflow_version: Annotated[
        str | None, typer.Option("--airflow-version", help="The Airflow that reads the file.")
    ] = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="Exit with 1 when a finding is this bad or worse.")
    ] = "MEDIUM",
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the settings of the state store, and the retries of DAGs against them."""
    from workbench.bench.config_checks import check_config

    floor = _severity(fail_on)
    lint = check_config(
        file,
        dags=dags or [],
        environment=dict(os.environ) if environment else {},
        airflow_version=airflow_version,
        patterns=patterns or shared().patterns,
    )
    _tell(lint, as_json=as_json)
    if any(found.severity.rank >= floor.rank for found in lint.findings):
        raise typer.Exit(1)


def _tell(lint: ConfigLint, *, as_json: bool) -> None:
    if wants_json(as_json):
        answer(
            "dags-config",
            {
                "findings": [asdict(found) for found in lint.findings],
                "rejections": [asdict(refused) for refused in lint.rejections],
                "values": dict(lint.values),
            },
        )
        return
    for found in lint.findings:
        place = found.path if found.line is None else f"{found.path}:{found.line}"
        typer.echo(f"{place}: {found.severity} {found.rule}: {found.name}: {found.message}")
        if found.todo:
            typer.echo(f"  {found.todo}")
    for refused in lint.rejections:
        note(f"{refused.path}: {refused.at}: {refused.reason}")
    unjudged = f"{counted(len(lint.rejections), 'thing')} that could not be judged"
    typer.echo(f"{counted(len(lint.findings), 'finding')}, {unjudged}")


def _severity(text: str) -> Severity:
    try:
        return Severity(text.upper())
    except ValueError as error:
        what = f"--fail-on is {text!r}, which is no severity."
        raise CallerError(what, right=f"There are: {', '.join(Severity)}.") from error
