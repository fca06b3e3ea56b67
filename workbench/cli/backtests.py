"""The command that judges patterns on history: backtest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import (
    BenchOption,
    JsonOption,
    PatternOption,
    PatternsOption,
    SinceOption,
    answer,
    moment,
    note,
    screen,
    wants_json,
)
from workbench.cli.spans import in_span

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.domain.patterns import Label


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(
    *,
    pattern: PatternOption = None,
    as_of: Annotated[str | None, typer.Option(help="Judge with what was known then.")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="JSON lines {sha, label, pattern?} beside the ledger's.")
    ] = None,
    since: SinceOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge each pattern on the loaded history: noise, precision, recall, lead time."""
    from workbench.analysis.history.backtest import backtest as judge

    cut = moment(as_of, option="--as-of", end_of_day=True)
    opened, history, chosen = in_span(bench, patterns, since, as_of, pattern)
    known = [*opened.catalogue.labels(), *_labels_of(labels, opened)]
    frame = judge(
        chosen,
        history,
        known,
        as_of=cut,
        hot_paths=opened.catalogue.hot_paths(),
        rules=opened.catalogue.triage_rules(),
    )
    if wants_json(as_json):
        answer("backtest", {"as_of": cut, "patterns": frame.to_dicts()})
        return
    from workbench.cli.screens import show_backtest

    show_backtest(frame, console=screen())


def _labels_of(file: Path | None, opened: Bench) -> list[Label]:
    """Read labels, patterns named in full; a line that is none is said."""
    from workbench.knowledge.labels import read_labels

    if file is None:
        return []
    given, refused = read_labels(file)
    for rejection in refused:
        note(f"rejected {rejection.path} {rejection.at}: {rejection.reason}")
    named = {x.pattern: opened.catalogue.pattern(x.pattern).id for x in given if x.pattern}
    return [replace(x, pattern=named[x.pattern]) if x.pattern else x for x in given]
