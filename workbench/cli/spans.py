"""The span of history that a command is asked about, with facts in place and patterns chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.answers import CallerError, moment, note, open_for_reading

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.bench import Bench
    from workbench.domain.histories import History
    from workbench.domain.patterns import Pattern


def in_span(
    *,
    bench: Path | None,
    patterns: Path | None,
    since: str | None = None,
    until: str | None = None,
    pattern: list[str] | None = None,
) -> tuple[Bench, History, tuple[Pattern, ...]]:
    """Open the bench with facts in place, the span asked for, and the patterns to run."""
    first, last = bounds(since, until)
    opened = open_for_reading(bench, patterns)
    chosen = opened.catalogue.patterns(pattern or None)
    if not chosen:
        what = f"No sound pattern stands under {opened.catalogue.folder}."
        raise CallerError(what, todo="Say `workbench patterns check` to see what is wrong.")
    for problem in opened.catalogue.unsound():
        note(f"problem: {problem}")
    if not opened.repositories():
        what = "No history is loaded."
        raise CallerError(what, todo="Load one: workbench load git REPO")
    for rejection in opened.ensure_facts():
        if not rejection.at:  # a whole repository, not one file of it
            note(f"{rejection.path}: {rejection.reason}")
    return opened, opened.history(since=first, until=last), chosen


def bounds(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Return the moments that --since and --until mean; the end must come later."""
    first = moment(since, option="--since")
    last = moment(until, option="--until", end_of_day=True)
    if first and last and first >= last:
        what = f"The span is empty: {since} is not before {until}."
        raise CallerError(what, todo="Give the earlier day first.")
    return first, last
