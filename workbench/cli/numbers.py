"""Commands about text and the machine alone: redact, doctor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from workbench.cli.answers import JsonOption, answer, wants_json
from workbench.errors import Place, SourceError


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("redact")(redact_file)
    app.command("doctor")(doctor)


def redact_file(
    file: Annotated[Path, typer.Argument(help="A text or JSON file; - for stdin.")],
) -> None:
    """Print the same lines without secrets, one for one, whatever the size of the file."""
    from workbench.text.redacted_stream import redacted_blocks

    with _opened(file) as source:
        for block in redacted_blocks(source):
            sys.stdout.buffer.write(block)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        raise SourceError(what, where=Place(path=str(file))) from error
    with source:
        yield source


def doctor(*, as_json: JsonOption = False) -> None:
    """Say what is installed, what is missing, and what would work."""
    from workbench.cli.checks import checks

    found = checks()
    if wants_json(as_json):
        answer("doctor", {"checks": [asdict(check) for check in found]})
    else:
        for check in found:
            mark = "ok     " if check.ok else "missing"
            typer.echo(
                f"{mark}  {check.name}: {check.found}" + (f" ({check.todo})" if check.todo else "")
            )
    if any(check.needed and not check.ok for check in found):
        raise typer.Exit(1)
