"""The command line: thin commands over the verbs of the library."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.cli.answers import (
    BenchOption,
    JsonOption,
    PatternsOption,
    Shared,
    exit_codes,
    refuse_bytes,
    remember,
)
from workbench.store.lingering import lingering

app = typer.Typer(
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Turn incidents of code that leans on Apache Airflow's internals into proven detectors.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("incident-workbench"))
        raise typer.Exit


@app.callback()
def _before(
    *,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    remember(Shared(bench=bench, patterns=patterns, as_json=as_json))


def _attach() -> None:
    from workbench.cli import (
        backtests,
        cases,
        dags,
        dags_config,
        failures,
        history,
        impact,
        knowledge,
        lab,
        loads,
        numbers,
        reports,
        scale,
    )

    loads.attach(app)
    history.attach(app)
    impact.attach(app)
    backtests.attach(app)
    reports.attach(app)
    knowledge.attach(app)
    cases.attach(app)
    numbers.attach(app)
    scale.attach(app)
    dags.attach(app)
    dags_config.attach(app)
    failures.attach(app)
    lab.attach(app)


def main(arguments: list[str] | None = None) -> None:
    """Run one command; the exit code says 0 fine, 1 the answer is no, 2 caller, 3 fault."""
    _attach_once()
    with exit_codes(), lingering():
        given = arguments if arguments is not None else sys.argv[1:]
        refuse_bytes(given)
        app(given)


_attached: list[bool] = []


def _attach_once() -> None:
    if not _attached:
        _attach()
        _attached.append(True)
