"""Screens for people: hits, findings with their trace, backtests; widths follow the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.table import Table
from rich.text import Text

from workbench.domain.history import Severity
from workbench.text.printable import printable
from workbench.text.redact import redact

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {
    "CRITICAL": "bold red",
    "HIGH": "red",
    "MEDIUM-HIGH": "yellow",
    "MEDIUM": "cyan",
    "LOW": "dim",
}


def shown(text: object) -> str:
    """Return a stranger's text without its secrets and without control of the terminal."""
    return printable(redact(str(text)))


def short(sha: str) -> str:
    """Return a sha as people read it: ten digits, or the release pair."""
    return sha if sha.startswith("release:") else sha[:10]


def severity(name: str) -> Text:
    """Return a severity in its colour."""
    return Text(name, style=COLOURS.get(name, ""))


def show_hits(found: pl.DataFrame, commits: pl.DataFrame, *, console: Console, rows: int) -> None:
    """Print the newest hits, worst first inside a commit."""
    dated = found.join(commits.select("sha", "committed_utc", "subject"), on="sha", how="left")
    rank = pl.col("severity").replace_strict({s.value: s.rank for s in Severity})
    newest = dated.sort("committed_utc", rank, descending=True)
    for row in newest.head(rows).iter_rows(named=True):
        day = row["committed_utc"].date().isoformat() if row["committed_utc"] else ""
        where = f"{row['path']}:{row['line']}" + (" (before)" if row["side"] == "before" else "")
        head = Text.assemble(f"{day}  {short(row['sha'])}  ", severity(row["severity"]))
        console.print(head.append(f"  {row['pattern']}", style="dim"))
        console.print(Text(f"    {shown(where)}", style="dim"))
        console.print(Text(f"    {shown(row['message'])}"))
    if found.height > rows:
        console.print(f"... and {found.height - rows:,} older ones; --json gives all", style="dim")


def show_findings(
    findings: Sequence[Mapping[str, Any]],
    funnel: Mapping[str, int],
    commits: pl.DataFrame,
    *,
    console: Console,
) -> None:
    """Print the funnel, then each finding with the way from the change to the call site."""
    steps = " -> ".join(f"{n:,} {name}" for name, n in funnel.items())
    console.print(Text(steps, style="bold"))
    about = {
        row["sha"]: row for row in commits.select("sha", "subject", "committed_utc").to_dicts()
    }
    for finding in findings:
        console.print()
        show_finding(
            finding, str(about.get(finding["sha"], {}).get("subject", "")), console=console
        )


def show_finding(finding: Mapping[str, Any], subject: str, *, console: Console) -> None:
    """Print one finding: whom it reaches, the commit, what it says, and the way there."""
    says = {
        "break": f"breaks {finding['downstream']}",
        "deprecated": f"still works for {finding['downstream']}",
        "everyone": "reaches everyone, on a hot path",
    }
    head = Text.assemble("  ", severity(str(finding["severity"])), f"  {says[finding['kind']]}  ")
    head.append(str(finding["pattern"]), style="dim")
    console.print(head)
    console.print(Text(f"    {short(str(finding['sha']))}  {shown(subject)}"))
    console.print(Text(f"    {shown(finding['message'])}"))
    for step in finding["trace"]:
        place = shown(f"{step['path']}:{step['line']}")
        console.print(
            Text(f"      {step['where']:<10} {place}  {shown(step['relation'])}", style="dim")
        )
    more = len(finding["call_sites"]) - 1
    if more > 0:
        console.print(Text(f"      and {more} more call sites", style="dim"))


def show_backtest(frame: pl.DataFrame, *, console: Console) -> None:
    """Print one line a pattern: noise, precision with its interval, recall, lead."""
    grid = Table(box=None, pad_edge=False, header_style="dim")
    grid.add_column("pattern")
    for column in ("hits", "a month", "alarm rate", "precision", "recall", "labelled", "lead days"):
        grid.add_column(column, justify="right")
    for row in frame.iter_rows(named=True):
        grid.add_row(
            f"{row['pattern']} v{row['version']}" if row["version"] else row["pattern"],
            f"{row['hits']:,}",
            _number(row["hits_per_month"], ".1f"),
            _number(row["alarm_rate"], ".1%"),
            _interval(row["precision"], row["precision_low"], row["precision_high"]),
            _number(row["recall"]["all"], ".2f"),
            f"{row['labelled']:,}",
            _number(row["lead_days"], ".0f"),
        )
    console.print(grid)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return "-"
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
