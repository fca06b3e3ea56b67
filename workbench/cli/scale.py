"""Commands of the loop model: loop, sweep, sensitivity, ablation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.analysis.scale.defaults import default
from workbench.cli.answers import JsonOption, answer, screen, wants_json
from workbench.cli.scale_options import (
    CALLS,
    LIMIT,
    PYTHON,
    QUERY,
    RUNS,
    TIS,
    TRIP,
    WAITING,
    BudgetOption,
    CallsOption,
    GuardOption,
    LeakOption,
    PositionOption,
    PythonOption,
    QueryOption,
    RunsOption,
    SeedOption,
    TisOption,
    TripOption,
    WaitingOption,
    axis,
    named,
    place,
    varied,
)

if TYPE_CHECKING:
    import polars as pl

    from workbench.analysis.scale.loop import LoopModel

scale_app = typer.Typer(no_args_is_help=True, help="What a cost becomes at scale.")
MOST_CELLS = 10_000
SHOWN = 12


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    from workbench.cli import scale_cards, scale_probe

    app.add_typer(scale_app, name="scale")
    scale_app.command("loop")(loop)
    scale_app.command("sweep")(sweep)
    scale_app.command("sensitivity")(sensitivity)
    scale_app.command("ablation")(ablation)
    scale_probe.attach(scale_app)
    scale_cards.attach(scale_app)


def loop(
    *,
    n_tis: TisOption,
    n_dagruns: RunsOption,
    per_query_seconds: QueryOption,
    budget_seconds: BudgetOption = LIMIT,
    calls_per_ti: CallsOption = CALLS,
    python_seconds_per_ti: PythonOption = PYTHON,
    round_trip_seconds: TripOption = TRIP,
    guard: GuardOption = False,
    leak: LeakOption = True,
    reschedule_tis: WaitingOption = WAITING,
    position: PositionOption = "0",
    as_json: JsonOption = False,
) -> None:
    """Say how long a scheduler loop takes, and what a query may cost within the budget."""
    from workbench.analysis.scale.loop import LoopModel

    model = LoopModel(
        n_tis=n_tis,
        n_dagruns=n_dagruns,
        per_query_seconds=per_query_seconds,
        calls_per_ti=calls_per_ti,
        python_seconds_per_ti=python_seconds_per_ti,
        round_trip_seconds=round_trip_seconds,
        guard=guard,
        leak=leak,
        reschedule_tis=reschedule_tis,
        position=place(position),
    )
    if not wants_json(as_json):
        screen().print(model.card(budget_seconds))
        return
    crossing = model.break_even(budget_seconds)
    answer(
        "scale-loop",
        {
            **model.values(),
            **model.switches(),
            "budget_seconds": budget_seconds,
            "loop_seconds": model.seconds(),
            "parts": {f"{k.replace(' ', '_')}_seconds": v for k, v in model.parts().items()},
            "queries": model.queries(),
            "budget_per_query_ms": _budget_ms(model, budget_seconds),
            "within_budget": model.seconds() <= budget_seconds,
            "break_even": {name: crossing.get(name) for name in model.values()},
            "sources": model.sources(),
        },
    )


def sweep(
    *,
    axes: Annotated[
        list[str],
        typer.Option("--axis", help="NAME=1,2,3 or NAME=LOW:HIGH:STEPS[:log]; repeat for more."),
    ],
    n_tis: TisOption = TIS,
    n_dagruns: RunsOption = RUNS,
    per_query_seconds: QueryOption = QUERY,
    budget_seconds: BudgetOption = LIMIT,
    as_json: JsonOption = False,
) -> None:
    """Ask the loop model at every point of a grid, up to five million."""
    import polars as pl

    from workbench.analysis.scale.loop import LoopModel
    from workbench.analysis.scale.sweeps import sweep as swept

    model = LoopModel(n_tis=n_tis, n_dagruns=n_dagruns, per_query_seconds=per_query_seconds)
    grid = {name: axis(text) for name, text in named(axes, option="--axis").items()}
    cells = swept(model, grid, limit_seconds=budget_seconds)
    over = cells.filter("over").height
    least, most = cells.select(pl.col("seconds").min(), most=pl.col("seconds").max()).row(0)
    if wants_json(as_json):
        answer(
            "scale-sweep",
            {
                "budget_seconds": budget_seconds,
                "axes": {name: list(values) for name, values in grid.items()},
                "points": cells.height,
                "points_over": over,
                "least_seconds": least,
                "most_seconds": most,
                "cells": cells.to_dicts() if cells.height <= MOST_CELLS else None,
            },
        )
        return
    screen().print(
        f"{over:,} of {cells.height:,} points are over {budget_seconds:g} s; loops take "
        f"{least:,.3g} to {most:,.3g} s"
    )
    _show(cells)


def sensitivity(
    *,
    n_tis: TisOption = TIS,
    n_dagruns: RunsOption = RUNS,
    per_query_seconds: QueryOption = QUERY,
    budget_seconds: BudgetOption = LIMIT,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            help="NAME=KIND:..., as n_tis=uniform:500:4000; kinds: uniform, loguniform, "
            "triangular, lognormal (median, 95 %).",
        ),
    ] = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Say what the loop may take when its inputs vary, and which input matters."""
    from workbench.analysis.scale.loop import LoopModel
    from workbench.analysis.scale.sensitivity import sobol, tornado
    from workbench.analysis.scale.uncertainty import Varying, spread

    model = LoopModel(n_tis=n_tis, n_dagruns=n_dagruns, per_query_seconds=per_query_seconds)
    varying = Varying(model=model, inputs=varied(vary or ()))
    found = spread(varying, budget_seconds, seed=seed)
    shares, swings = sobol(varying, seed=seed), tornado(varying)
    if wants_json(as_json):
        answer(
            "scale-sensitivity",
            {
                "spread": {**found.frame().row(0, named=True), "stated": dict(found.stated)},
                "sobol": shares.to_dicts(),
                "tornado": swings.to_dicts(),
            },
        )
        return
    screen().print(
        f"p50 {found.p50_seconds:,.4g} s, p95 {found.p95_seconds:,.4g} s, "
        f"p99 {found.p99_seconds:,.4g} s; over {budget_seconds:g} s in {found.chance_over:.1%}"
    )
    _show(shares)
    _show(swings.drop("stated"))


def ablation(
    *,
    n_tis: TisOption = TIS,
    n_dagruns: RunsOption = RUNS,
    budget_seconds: BudgetOption = LIMIT,
    python_seconds_per_ti: PythonOption = PYTHON,
    round_trip_seconds: TripOption = TRIP,
    as_json: JsonOption = False,
) -> None:
    """Say which of guard, leak and index had to fail together, and what remains after a repair."""
    from workbench.analysis.scale.ablation import ablate, remains, sound_loop
    from workbench.analysis.scale.loop import LoopModel

    failed = LoopModel(
        n_tis=n_tis,
        n_dagruns=n_dagruns,
        per_query_seconds=default("per_query_seconds"),
        python_seconds_per_ti=python_seconds_per_ti,
        round_trip_seconds=round_trip_seconds,
    )
    found = ablate(sound_loop(failed), limit_seconds=budget_seconds)
    left = remains(failed, failed.changed(per_query_seconds=default("indexed_query_seconds")))
    if wants_json(as_json):
        answer(
            "scale-ablation",
            {
                "budget_seconds": budget_seconds,
                "says": found.says(),
                "smallest": [list(each) for each in found.smallest],
                "shares": found.shares.to_dicts(),
                "cases": found.cases.to_dicts(),
                "remains_with_index": [
                    {**row, "most_speedup": _finite(row["most_speedup"])} for row in left.to_dicts()
                ],
            },
        )
        return
    screen().print(found.says())
    _show(found.shares)
    _show(left)


def _budget_ms(model: LoopModel, budget_seconds: float) -> float | None:
    """What a query may take; None where the loop asks none, or no time is left for one."""
    spent = model.seconds() - model.parts()["server"]
    if model.queries() == 0 or spent > budget_seconds:
        return None
    return model.budget(budget_seconds) * 1000


def _finite(value: float) -> float | None:
    return value if value < float("inf") else None


def _show(frame: pl.DataFrame) -> None:
    """The first rows of a frame as a table on the screen."""
    from rich.table import Table

    drawn = Table(*(name.replace("_", " ") for name in frame.columns))
    for row in frame.head(SHOWN).iter_rows():
        drawn.add_row(*(f"{v:,.4g}" if isinstance(v, float) else str(v) for v in row))
    screen().print(drawn)
    if frame.height > SHOWN:
        screen().print(f"and {frame.height - SHOWN:,} more; --json has them")
