"""The command dags config: what is wrong with the state store's settings, and with retries."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
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
from workbench.domain.history import Rejection, Severity
from workbench.errors import Place, SourceError

if TYPE_CHECKING:
    from workbench.analysis.dag_rules.config_lint import ConfigLint
    from workbench.analysis.dag_rules.retries import RetrySetting
    from workbench.domain.dag_rules import AirflowVersion

GROUP = "dags"


def attach(app: typer.Typer) -> None:
    """Add this command to the group of commands about DAGs, which is made if it is not there."""
    groups = [g.typer_instance for g in app.registered_groups if g.name == GROUP]
    group = groups[0] if groups and groups[0] else typer.Typer(no_args_is_help=True)
    if not groups:
        app.add_typer(group, name=GROUP, help="DAG files and the configuration they run under.")
    group.command("config")(check_config)


def check_config(
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
    from workbench.analysis.dag_rules.config_lint import config_findings
    from workbench.knowledge.state_store_reference import read_reference
    from workbench.shipped_files import patterns_folder
    from workbench.sources.text_files import read_text

    floor = _severity(fail_on)
    settings = read_reference(patterns_folder(patterns or shared().patterns)).settings
    retries, rejections = _retries(dags or [])
    lint = config_findings(
        read_text(file),
        settings=settings,
        path=str(file),
        environment=dict(os.environ) if environment else {},
        retries=retries,
        airflow=_version(airflow_version),
    )
    for refused in lint.rejections:
        raise SourceError(refused.reason, where=Place(path=refused.path, at=refused.at))
    _tell(lint, rejections, as_json=as_json)
    if any(found.severity.rank >= floor.rank for found in lint.findings):
        raise typer.Exit(1)


def _tell(lint: ConfigLint, rejections: Sequence[Rejection], *, as_json: bool) -> None:
    if wants_json(as_json):
        answer(
            "dags-config",
            {
                "findings": [asdict(found) for found in lint.findings],
                "rejections": [asdict(refused) for refused in rejections],
                "values": dict(lint.values),
            },
        )
        return
    for found in lint.findings:
        place = found.path if found.line is None else f"{found.path}:{found.line}"
        typer.echo(f"{place}: {found.severity} {found.rule}: {found.name}: {found.message}")
        if found.todo:
            typer.echo(f"  {found.todo}")
    for refused in rejections:
        note(f"{refused.path}: {refused.at}: {refused.reason}")
    typer.echo(f"{len(lint.findings)} findings, {len(rejections)} things that could not be judged")


def _retries(dags: Sequence[Path]) -> tuple[list[RetrySetting], list[Rejection]]:
    from workbench.analysis.dag_rules.retries import retry_settings
    from workbench.sources.text_files import read_text

    settings: list[RetrySetting] = []
    rejections: list[Rejection] = []
    for path in _files(dags):
        found, refused = retry_settings(read_text(path), path=str(path))
        settings += found
        rejections += refused
    return settings, rejections


def _files(dags: Sequence[Path]) -> Iterator[Path]:
    for path in dags:
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _severity(text: str) -> Severity:
    try:
        return Severity(text.upper())
    except ValueError as error:
        what = f"--fail-on is {text!r}, which is no severity."
        raise CallerError(what, right=f"There are: {', '.join(Severity)}.") from error


def _version(text: str | None) -> AirflowVersion | None:
    from packaging.version import InvalidVersion, Version

    from workbench.domain.dag_rules import AirflowVersion

    if text is None:
        return None
    try:
        has_store = Version(text).release[:2] >= (3, 3)
    except InvalidVersion as error:
        what = f"--airflow-version is {text!r}, which is no version."
        raise CallerError(what, right="A version is 3.3.2.") from error
    return AirflowVersion(text=text, has_store=has_store, source="--airflow-version")
