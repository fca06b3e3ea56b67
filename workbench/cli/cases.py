"""Commands on a case: demo, postmortem."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.answers import (
    DEFAULT_BENCH,
    BenchOption,
    JsonOption,
    PatternsOption,
    answer,
    screen,
    shared,
    wants_json,
)


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("demo")(demo)
    app.command("postmortem")(postmortem)


def demo(
    *,
    to: Annotated[Path, typer.Option(help="Folder for the bench and what is written.")] = Path(
        "out/demo"
    ),
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave out the part that asks the package index.")
    ] = False,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do the main job on the shipped case, from inputs to report and exports."""
    from workbench.cli.demonstration import demonstrate

    quiet = wants_json(as_json)
    shown = demonstrate(
        to, offline=offline, patterns=patterns or shared().patterns, console=screen(), quiet=quiet
    )
    if quiet:
        answer("demo", shown)


def postmortem(
    folder: Annotated[Path, typer.Argument(help="A folder with a case.toml.")],
    *,
    to: Annotated[Path, typer.Option(help="Folder for notebook, HTML and Markdown.")] = Path("out"),
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a case's post-mortem as notebook, one HTML file that opens offline, and Markdown."""
    from workbench.exports.postmortem import write_postmortem

    written = write_postmortem(
        folder,
        bench=bench or shared().bench or DEFAULT_BENCH,
        to=to,
        patterns=patterns or shared().patterns,
    )
    if wants_json(as_json):
        answer("postmortem", {"written": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(f"wrote {path}")
