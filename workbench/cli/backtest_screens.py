"""Screens of a backtest: its rows, what patterns share, lead times, hits gained and lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from rich.text import Text

from workbench.cli.screens import short, show_backtest, shown
from workbench.text.counted import counted

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.analysis.history.backtest import Backtest


def show_result(result: Backtest, *, console: Console, rows: int) -> None:
    """Print one line a pattern, one for all together, then pairs and lead times."""
    frames = [result.patterns, result.together]
    show_backtest(pl.concat(frames) if result.patterns.height > 1 else frames[0], console=console)
    saved = result.together["review_minutes_saved_per_month"].drop_nulls()
    if len(saved):
        hours = float(saved[0]) / 60
        console.print(Text(f"{hours:,.0f} hours of reading saved a month, as assumed", style="dim"))
    for row in result.overlap.head(rows).iter_rows(named=True):
        pair = f"{row['pattern']} and {row['other']}"
        told = f"{counted(row['commits'], 'commit')} ({row['share']:.0%})"
        console.print(f"{pair} share {told}", markup=False)
    for row in result.leads.sort("gained_days", descending=True).head(rows).iter_rows(named=True):
        landed, fixed = row["landed_utc"].date(), row["fixed_utc"].date()
        console.print(
            f"{short(row['sha'])} landed and flagged {landed}, fixed {fixed}: "
            f"{counted(round(row['lead_days']), 'day')}",
            markup=False,
        )


def show_compared(changed: pl.DataFrame, *, console: Console, rows: int) -> None:
    """Print how many hits are gained and lost, and the newest of each."""
    for word in ("gained", "lost"):
        part = changed.filter(pl.col("change") == word)
        commits = counted(part["sha"].n_unique(), "commit")
        console.print(f"{counted(part.height, 'hit')} {word}, in {commits}")
        for row in part.tail(rows).iter_rows(named=True):
            place = shown(f"{row['path']}:{row['line']}")
            console.print(Text(f"    {short(row['sha'])} {place} {shown(row['qualname'] or '')}"))
