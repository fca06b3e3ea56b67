"""Commands about text and the machine alone: redact, doctor."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.answers import JsonOption, answer, wants_json


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("redact")(redact_file)
    app.command("doctor")(doctor)


def redact_file(
    file: Annotated[Path, typer.Argument(help="A text or JSON file; - for stdin.")],
) -> None:
    """Print the same lines without secrets, one for one."""
    from workbench.sources.text_files import read_text
    from workbench.text.redact import redact

    given = sys.stdin.buffer.read() if str(file) == "-" else None
    text = given.decode("utf-8", "surrogateescape") if given is not None else read_text(file)
    sys.stdout.buffer.write(redact(text).encode("utf-8", "surrogateescape"))


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
