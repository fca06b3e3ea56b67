"""The command that prices what commits do on hot paths: scale cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import (
    BenchOption,
    CallerError,
    JsonOption,
    PatternOption,
    PatternsOption,
    SinceOption,
    UntilOption,
    answer,
    screen,
    wants_json,
)
from workbench.cli.scale_options import LIMIT, RUNS, TIS, BudgetOption, named, number
from workbench.errors import Place

if TYPE_CHECKING:
    from workbench.analysis.scale.cost_curves import CostCurves

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
        typer.Option("--measurements", help="A lab's Parquet file: its curves give the cost."),
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
        n_tis=n_tis,
        n_dagruns=n_dagruns,
        limit_seconds=budget_seconds,
        rows=sizes,
        curves=None if measurements is None else _curves(measurements),
    )
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
    typer.echo(f"{made.height} functions of hits are on a hot path")


def _curves(path: Path) -> CostCurves:
    import polars as pl

    from workbench.analysis.scale.cost_curves import fit_curves

    try:
        return fit_curves(pl.read_parquet(path))
    except (OSError, pl.exceptions.PolarsError) as fault:
        what = "These measurements cannot be read."
        todo = "Name a Parquet file that workbench lab run has kept."
        raise CallerError(what, where=Place(path=str(path)), todo=todo) from fault
