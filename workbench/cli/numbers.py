"""Commands about numbers and text alone: scale loop, redact, doctor."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.answers import JsonOption, answer, screen, wants_json

scale_app = typer.Typer(no_args_is_help=True, help="What a cost becomes at scale.")


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(scale_app, name="scale")
    app.command("redact")(redact_file)
    app.command("doctor")(doctor)


@scale_app.command("loop")
def scale_loop(
    *,
    n_tis: Annotated[int, typer.Option(help="Task instances in a DAG run.")],
    n_dagruns: Annotated[int, typer.Option(help="DAG runs looked at in one scheduler loop.")],
    per_query_seconds: Annotated[float, typer.Option(help="Seconds a query takes.")],
    budget_seconds: Annotated[float, typer.Option(help="Seconds a loop may take.")] = 120.0,
    as_json: JsonOption = False,
) -> None:
    """Say how long a scheduler loop takes, and what a query may cost within the budget."""
    from workbench.analysis.scale.loop import LoopModel

    model = LoopModel(n_tis=n_tis, n_dagruns=n_dagruns, per_query_seconds=per_query_seconds)
    if wants_json(as_json):
        answer(
            "scale-loop",
            {
                **model.inputs(),
                "budget_seconds": budget_seconds,
                "loop_seconds": model.seconds(),
                "queries": model.queries(),
                "budget_per_query_ms": model.budget(budget_seconds) * 1000,
                "within_budget": model.seconds() <= budget_seconds,
                "break_even": model.break_even(budget_seconds),
            },
        )
        return
    screen().print(model.card(budget_seconds))


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
