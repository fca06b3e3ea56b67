"""The command that judges patterns on history: backtest."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.answers import (
    BenchOption,
    CallerError,
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
from workbench.errors import Place
from workbench.text.counted import counted

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.bench import Bench
    from workbench.domain.histories import History
    from workbench.domain.patterns import Label, Pattern

SHOWN = 10


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
    mined: Annotated[
        str | None,
        typer.Option(help="Also labels mined from the history: high, medium or weak trust."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="A detector before this one (.sql or pattern.toml): gained and lost."),
    ] = None,
    findings: Annotated[
        bool, typer.Option("--findings", help="Also count what a scan finds; takes longer.")
    ] = False,
    minutes_per_commit: Annotated[float, typer.Option(help="To skim a core commit.", min=0)] = 2.0,
    minutes_per_hit: Annotated[float, typer.Option(help="To judge a commit hit.", min=0)] = 5.0,
    since: SinceOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge each pattern on the loaded history: noise, precision, recall, lead time."""
    from workbench.analysis.history.backtest import ReviewMinutes, judge
    from workbench.analysis.history.backtest_pairs import compare

    cut = moment(as_of, option="--as-of", end_of_day=True)
    opened, history, chosen = in_span(
        bench=bench, patterns=patterns, since=since, until=as_of, pattern=pattern
    )
    previous = _previous(against, chosen)
    known = [*opened.catalogue.labels(), *_labels_of(labels, opened), *_mined(mined, history)]
    asked: dict[str, Any] = {
        "hot_paths": opened.catalogue.hot_paths(),
        "rules": opened.catalogue.triage_rules(),
    }
    result = judge(
        chosen,
        _dated(opened, history, since),
        known,
        as_of=cut,
        findings=_found(opened, history, chosen, until=cut) if findings else None,
        minutes=ReviewMinutes(commit=minutes_per_commit, hit=minutes_per_hit),
        **asked,
    )
    _say(result.labels, result.patterns.filter(~result.patterns["known_then"])["pattern"].to_list())
    changed = compare(chosen[0], previous, history, **asked) if previous else None
    if wants_json(as_json):
        body: dict[str, object] = {
            "as_of": cut,
            "patterns": result.patterns.to_dicts(),
            "together": next(iter(result.together.to_dicts()), None),
            "overlap": result.overlap.to_dicts(),
            "leads": result.leads.to_dicts(),
            "labels": dict(result.labels),
            "minutes": {"per_commit": minutes_per_commit, "per_hit": minutes_per_hit},
            "compared": changed.to_dicts() if changed is not None else None,
        }
        answer("backtest", body)
        return
    from workbench.cli.backtest_screens import show_compared, show_result

    console = screen()
    show_result(result, console=console, rows=SHOWN)
    if changed is not None:
        show_compared(changed, console=console, rows=SHOWN)


def _found(
    opened: Bench, history: History, chosen: tuple[Pattern, ...], *, until: datetime | None
) -> Any:
    from workbench.cli.findings import findings_in

    return findings_in(opened, history, chosen, until=until).findings


def _dated(opened: Bench, history: History, since: str | None) -> History:
    """The same history with the commits after the date: they tell when labels were known."""
    from workbench.domain.histories import History

    every = opened.history(since=moment(since, option="--since")).commits
    return History(every, history.__getitem__)


def _say(counts: Any, hindsight: list[str]) -> None:
    """Say which labels do not count, and which patterns nobody had at the date."""
    why = {
        "unknown_commit": "on a commit that is not loaded",
        "later": "not known at that date",
        "undated": "by a repair that is not loaded, and without a date",
    }
    for name, reason in why.items():
        if counts[name]:
            note(f"not counted: {counted(counts[name], 'label')} ({reason})")
    if hindsight:
        note(f"judged in hindsight, written after that date: {', '.join(hindsight)}")


def _mined(trust: str | None, history: History) -> tuple[Label, ...]:
    """Mine the span for labels that are trusted that far."""
    from workbench.analysis.history.mining import TRUSTS, as_labels, mine

    if trust is None:
        return ()
    for one in TRUSTS:
        if one == trust.lower():
            return as_labels(mine(history), trust=one)
    what = f"--mined is {trust!r}, which is no trust."
    raise CallerError(what, right=f"There are: {', '.join(TRUSTS)}.")


def _previous(file: Path | None, chosen: tuple[Pattern, ...]) -> Pattern | None:
    """Return the pattern with the detector of a file in place of its own."""
    from workbench.domain.patterns import SqlDetector, TextDetector

    if file is None:
        return None
    if len(chosen) != 1:
        what = f"--against compares one pattern, not {len(chosen)}."
        raise CallerError(what, todo="Name it with --pattern.")
    where = Place(path=str(file))
    try:
        text = file.read_text("utf-8")
        if file.suffix != ".toml":
            return replace(chosen[0], detector=SqlDetector(path=str(file), text=text))
        said = tomllib.loads(text)["detector"]
        if said["kind"] == "sql":
            beside = file.parent / said["file"]
            sql = SqlDetector(path=str(beside), text=beside.read_text("utf-8"))
            return replace(chosen[0], detector=sql)
        before = TextDetector(
            removed=said.get("removed"),
            added=said.get("added"),
            absent=said.get("absent"),
            paths=tuple(said.get("paths", ())),
            skip_paths=tuple(said.get("skip_paths", ())),
        )
        return replace(chosen[0], detector=before)
    except OSError as error:
        what = f"It cannot be read: {error.strerror}."
        raise CallerError(what, where=where) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        what = f"It holds no detector: {error}."
        right = "A detector is an .sql file, or the [detector] table of a pattern.toml."
        raise CallerError(what, where=where, right=right) from error


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
