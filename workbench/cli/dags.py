"""The command dags check: state that must survive a retry, in DAG files."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from workbench.domain.dag_rules import DagCheck, DagFinding

FORMATS = ("text", "json", "sarif", "github")
GROUP = "dags"


def attach(app: typer.Typer) -> None:
    """Add this command to the group of commands about DAGs, which is made if it is not there."""
    groups = [g.typer_instance for g in app.registered_groups if g.name == GROUP]
    group = groups[0] if groups and groups[0] else typer.Typer(no_args_is_help=True)
    if not groups:
        app.add_typer(group, name=GROUP, help="DAG files and the configuration they run under.")
    group.command("check")(check)


def check(
    paths: Annotated[list[Path], typer.Argument(help="DAG files, or folders of them.")],
    *,
    airflow_version: Annotated[
        str | None,
        typer.Option(
            "--airflow-version", help="The Airflow that runs them; else requirement files tell."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name is a contract
        str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")
    ] = "text",
    before: Annotated[
        str | None,
        typer.Option("--before", help="An earlier version: a file, a folder, or a git revision."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the patches into the files; exit 1 if any is left.")
    ] = False,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find state that a retry loses or that runs share, with the patch that moves it."""
    from workbench.bench.dag_checks import check_dags, fix_dags

    if format not in FORMATS:
        raise CallerError(f"--format is {format!r}.", right=f"It is one of {', '.join(FORMATS)}.")
    folder = patterns or shared().patterns

    def run() -> DagCheck:
        return check_dags(paths, airflow_version=airflow_version, before=before, patterns=folder)

    found = run()
    fixed = fix_dags(found, patterns=folder) if fix else ()
    found = run() if fixed else found
    _tell(found, "json" if wants_json(as_json) else format, fixed, folder)
    if found.findings:
        raise typer.Exit(1)


def _tell(found: DagCheck, form: str, fixed: tuple[str, ...], patterns: Path | None) -> None:
    if form == "json":
        from workbench.exports.dag_findings.documents import dag_findings

        answer("dags-check", dag_findings(found, fixed=fixed))
        return
    for path in fixed:
        note(f"fixed {path}")
    if form == "sarif":
        from workbench.exports.dag_findings.sarif import dag_sarif
        from workbench.exports.documents import canonical_bytes
        from workbench.knowledge.dag_rules import dag_rules

        log, losses = dag_sarif(dag_rules(patterns), found.findings)
        typer.echo(canonical_bytes(log), nl=False)
        for loss in losses:
            note(f"sarif does not carry {loss.what} ({loss.count}): {loss.why}")
    elif form == "github":
        from workbench.exports.dag_findings.annotations import github_annotations

        for line in github_annotations(found):
            typer.echo(line)
    else:
        for finding in found.findings:
            _show(finding)
    _tell_rest(found, text=form == "text")


def _show(finding: DagFinding) -> None:
    typer.echo(f"{finding.path}:{finding.line}:{finding.column}: {finding.code} {finding.message}")
    typer.echo(f"  {finding.rule}, {finding.severity.value}: {finding.why}")
    typer.echo(f"  {finding.advice}")
    if finding.fix:
        typer.echo("".join(f"    {line}" for line in finding.fix.splitlines(keepends=True)))
    else:
        typer.echo("  No patch: a person has to decide.\n")


def _tell_rest(found: DagCheck, *, text: bool) -> None:
    for rejection in found.rejections[:20]:
        at = f" {rejection.at}" if rejection.at else ""
        note(f"rejected {rejection.path}{at}: {rejection.reason}")
    if len(found.rejections) > 20:
        note(f"and {len(found.rejections) - 20:,} more rejected files; --json gives all")
    if found.ignored:
        note(f"left out by an .airflowignore: {', '.join(found.ignored[:5])}")
        if len(found.ignored) > 5:
            note(f"and {len(found.ignored) - 5:,} more paths; --json gives all")
    told = sorted({str(version) for version in found.versions.values()})
    summary = f"{_counted(len(found.findings), 'finding')} in {_counted(found.files, 'file')}"
    summary += f", {len(found.rejections)} rejected, Airflow {'; '.join(told) or 'unknown'}"
    typer.echo(summary, err=not text)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
