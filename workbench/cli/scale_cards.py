"""The command that prices what commits do on hot paths: scale cards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.answers import (
    BenchOption,
    JsonOption,
    PatternOption,
    PatternsOption,
    SinceOption,
    UntilOption,
    answer,
    screen,
    wants_json,
)
from workbench.cli.scale_measurements import kept_curves, named_curves
from workbench.cli.scale_options import LIMIT, RUNS, TIS, BudgetOption, named, number

TASKS, DAGRUNS = int(TIS), int(RUNS)


def attach(app: typer.Typer) -> None:
    """Add this command."""
    app.command("cards")(cards)


def cards(
    *,
    pattern: PatternOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    n_tis: Annotated[int, typer.Option("--n-tis", help="Task instances in a DAG run.")] = TASKS,
    n_dagruns: Annotated[
        int, typer.Option("--n-dagruns", help="DAG runs looked at in one scheduler loop.")
    ] = DAGRUNS,
    budget_seconds: BudgetOption = LIMIT,
    rows: Annotated[
        list[str] | None,
        typer.Option("--rows", help="MODEL=ROWS of its table; 900,000 where it is not named."),
    ] = None,
    measurements: Annotated[
        Path | None,
        typer.Option(
            "--measurements",
            help="A lab's Parquet file whose curves give the cost; else the newest ladder on "
            "PostgreSQL beside the bench, else the account's figures.",
        ),
    ] = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say for hits on hot paths how often, which index, what cost; or what is not known."""
    from workbench.analysis.history.detect import detect
    from workbench.analysis.history.hot_reach import hot_names
    from workbench.analysis.scale.cards import Scale, scale_cards
    from workbench.cli.spans import in_span

    sizes = {
        name: int(number(text, option="--rows"))
        for name, text in named(rows or (), option="--rows").items()
    }
    scale = Scale(
        n_tis=n_tis, n_dagruns=n_dagruns, limit_seconds=budget_seconds, rows=sizes
    ).measured(named_curves(measurements) if measurements else kept_curves(bench))
    opened, history, chosen = in_span(
        bench=bench, patterns=patterns, since=since, until=until, pattern=pattern
    )
    hot_paths = opened.catalogue.hot_paths()
    hits = detect(chosen, history, hot_paths=hot_paths)
    made = scale_cards(hot_names(hits, history, hot_paths), history, scale=scale)
    if wants_json(as_json):
        answer("scale-cards", {"budget_seconds": budget_seconds, "cards": made.to_dicts()})
        return
    for row in made.iter_rows(named=True):
        screen().print(f"{row['sha'][:10]}  {row['name']}\n    {row['says']}")
    typer.echo(f"{made.height} functions of hits are on a hot path; costs: {scale.source}")
