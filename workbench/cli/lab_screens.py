"""A lab's run as a document, and on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from workbench.lab.lab import LabRun


def as_fields(run: LabRun) -> dict[str, Any]:
    """What the document of a run says."""
    return {
        "scenario": run.scenario.id,
        "engine": run.engine,
        "seconds": round(run.seconds, 3),
        "start_seconds": round(run.start_seconds, 3),
        "rows": run.rows,
        "rows_per_key": run.scenario.fill.rows_per_key,
        "profile": run.scenario.main_profile,
        "variants": ["none", *(index.name for index in run.scenario.indexes)],
        "best": run.scenario.best,
        "ratio_server": run.ratio_server,
        "ratio_client": run.ratio_client,
        "settings": dict(run.settings),
        "ladder": run.ladder().to_dicts(),
        "pitfalls": [
            {"kind": p.kind, "variant": p.variant, "rows": p.rows, "text": p.text}
            for p in run.pitfalls
        ],
        "folder": run.folder,
        "continued": list(run.continued),
    }


def show(run: LabRun) -> None:
    """Print a run for people: the ladder, its traps, and what an index is worth."""
    typer.echo(f"{run.scenario.title}: {run.engine}, {run.seconds:.1f} s")
    typer.echo(
        f"{'rows':>12} {'index':<12} {'profile':<8} {'server ms':>10} {'client ms':>10}  plan"
    )
    for row in run.ladder().iter_rows(named=True):
        server = "-" if row["server_ms"] is None else f"{row['server_ms']:.3f}"
        typer.echo(
            f"{row['rows']:>12,} {row['variant']:<12} {row['profile']:<8} {server:>10} "
            f"{row['client_ms']:>10.3f}  {row['plan_signature']}"
        )
    for pitfall in run.pitfalls:
        typer.echo(f"{pitfall.kind}: {pitfall.variant}, {pitfall.rows:,} rows: {pitfall.text}")
    if run.ratio_server is not None and run.ratio_client is not None:
        typer.echo(
            f"no index / {run.scenario.best} at {run.rows:,} rows, {run.scenario.main_profile}: "
            f"{run.ratio_server:,.0f}x on the server, {run.ratio_client:,.0f}x at the client"
        )
    else:
        typer.echo("SQLite has no server whose time could be told apart: no ratios are given.")
    if run.folder:
        typer.echo(f"kept in {run.folder}")
