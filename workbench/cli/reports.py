"""Commands that report: a day, a period, chains of fixes, and what became of a finding."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.answers import (
    BenchOption,
    CallerError,
    JsonOption,
    PatternsOption,
    SinceOption,
    UntilOption,
    answer,
    moment,
    note,
    screen,
    shared,
    wants_json,
)
from workbench.cli.spans import in_span

if TYPE_CHECKING:
    import polars as pl

    from workbench.bench import Bench
    from workbench.domain.histories import History
    from workbench.domain.patterns import Pattern
    from workbench.exports.daily.documents import Reported

WHO = "report daily"
AIRFLOW = "https://github.com/apache/airflow/pull/{number}"
report_app = typer.Typer(no_args_is_help=True, help="What an engineer reads in two minutes.")
DayArgument = Annotated[str, typer.Argument(help="A day (UTC), for example 2026-03-16.")]
LinkOption = Annotated[
    str | None,
    typer.Option(
        "--link",
        help="Address of a pull request with {number} in it.",
        show_default="Airflow's, for repositories that are called after it",
    ),
]


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(report_app, name="report")


@report_app.command("daily")
def daily(
    day: DayArgument,
    *,
    link: LinkOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report the commits of a day that no daily report has looked at, and keep that it did."""
    from workbench.exports.daily.documents import daily_document
    from workbench.exports.daily.markdown import daily_markdown
    from workbench.knowledge.ledger_checks import append_checks, checked
    from workbench.knowledge.ledger_findings import append_findings

    when = _day(day)
    opened, history, chosen = in_span(bench=bench, patterns=patterns, since=day, until=day)
    folder = opened.catalogue.folder
    _say_scope(opened)
    line = opened.history().commits
    seen = checked(folder, history.commits, line=line)
    if seen.lost:
        note(
            f"{len(seen.lost)} checked before, the last {seen.lost[-1]}, not among the loaded "
            "commits (history was rewritten, or less is loaded): their days count as not checked"
        )
    reported = _reported(opened, _only(history, seen.fresh), chosen, link)
    body = daily_document(
        reported, day=when, already=seen.already, before=seen.before, last=seen.last
    )
    kept, appended = _keeps(patterns), 0
    if kept:
        versions = {pattern.id: pattern.version for pattern in chosen}
        appended = append_findings(folder, body["findings"], who=WHO, when=when, versions=versions)
    else:
        note(f"{folder} came with the package: what was checked is not kept there (--patterns)")
    if wants_json(as_json):
        answer("report-daily", {**body, "kept": kept, "appended": appended})
    else:
        _show(daily_markdown(body))
    if kept:
        # Last of all: a check that is kept must never outlive a report that nobody could read.
        sys.stdout.flush()
        append_checks(folder, seen.fresh, who=WHO, when=when)


@report_app.command("period")
def period(
    first: DayArgument,
    last: Annotated[str, typer.Argument(help="The last day, included.")],
    *,
    link: LinkOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report every commit of a period; nothing is kept."""
    from workbench.exports.daily.documents import period_document
    from workbench.exports.daily.markdown import period_markdown

    begins, ends = _day(first), _day(last)
    opened, history, chosen = in_span(bench=bench, patterns=patterns, since=first, until=last)
    _say_scope(opened)
    body = period_document(_reported(opened, history, chosen, link), first=begins, last=ends)
    if wants_json(as_json):
        answer("report-period", body)
        return
    _show(period_markdown(body))


@report_app.command("chains")
def chains(
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show fixes that were hit themselves, or needed a fix of their own."""
    from workbench.analysis.history.detect import detect
    from workbench.analysis.history.lineage import chains as follow
    from workbench.analysis.history.lineage import edges
    from workbench.analysis.history.mining import as_labels, mine
    from workbench.analysis.history.triage import watched
    from workbench.cli.findings import say_failed
    from workbench.exports.daily.chains import chains_document, chains_text

    opened, history, chosen = in_span(bench=bench, patterns=patterns, since=since, until=until)
    seen = watched(history, opened.catalogue.triage_rules())
    hot_paths = opened.catalogue.hot_paths()
    found = detect(chosen, seen, hot_paths=hot_paths, failed=say_failed)
    labels = [*opened.catalogue.labels(), *as_labels(mine(history), trust="weak")]
    pairs = edges(labels, history, found)
    body = chains_document(follow(pairs, history, found, say=note), edges=pairs.height)
    if wants_json(as_json):
        answer("report-chains", body)
        return
    typer.echo(chains_text(body), nl=False)


@report_app.command("outcome")
def outcome(
    sha: Annotated[str, typer.Argument(help="The finding's commit, or a beginning of it.")],
    became: Annotated[str, typer.Argument(help="patched, upstreamed, waived or graduated.")],
    *,
    link: Annotated[str, typer.Option(help="Where it can be read up.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    why: Annotated[str, typer.Option(help="The reason, in a sentence.")] = "",
    pattern: Annotated[str | None, typer.Option(help="When the commit has several.")] = None,
    downstream: Annotated[str | None, typer.Option(help="When the commit has several.")] = None,
    when: Annotated[str | None, typer.Option(help="The day it was decided; today.")] = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write into the ledger what became of a verified finding."""
    from workbench.knowledge.catalogue import open_catalogue
    from workbench.knowledge.ledger_findings import append_outcome

    folder = open_catalogue(patterns or shared().patterns).folder
    if not _keeps(patterns):
        what = f"{folder} came with the package and is not written to."
        raise CallerError(what, todo="Name a folder of your own with --patterns.")
    decided = _day(when) if when else datetime.now(UTC).date()
    said: dict[str, Any] = {"link": link, "who": by, "why": why, "when": decided}
    row = append_outcome(
        folder, sha=sha, outcome=became, pattern=pattern, downstream=downstream, **said
    )
    if wants_json(as_json):
        answer("report-outcome", {"line": row})
        return
    typer.echo(f"{row['sha'][:10]} {row['pattern']} {row['downstream'] or 'everyone'}: {became}")


def _reported(
    opened: Bench, history: History, chosen: tuple[Pattern, ...], link: str | None
) -> Reported:
    """Scan a span with everything the bench knows."""
    from workbench.cli.findings import findings_in
    from workbench.exports.daily.documents import Reported

    if link is not None and "{number}" not in link:
        what = f"--link is {link!r}, which holds no {{number}}."
        raise CallerError(what, right=f"An address is {AIRFLOW}.")
    found = findings_in(opened, history, chosen)
    links = {
        each.name: link or AIRFLOW
        for each in opened.repositories()
        if link or "airflow" in f"{each.name} {each.location}".lower()
    }
    return Reported(
        commits=history.commits,
        triage=found.triage,
        hits=found.hits,
        findings=found.findings,
        links=links,
    )


def _only(history: History, commits: pl.DataFrame) -> History:
    """The same history, of these commits alone."""
    from workbench.domain.histories import History

    return History(commits, history.__getitem__)


def _day(text: str) -> date:
    at = moment(text, option="the day")
    assert at is not None
    if at != datetime.combine(at.date(), datetime.min.time(), UTC):
        what = f"{text!r} is a moment, not a day."
        raise CallerError(what, right="A day is 2026-03-16.")
    return at.date()


def _keeps(patterns: Path | None) -> bool:
    """Whether the folder of patterns is the caller's own: what came with the package is not."""
    return (patterns or shared().patterns) is not None or Path("patterns").is_dir()


def _say_scope(opened: Bench) -> None:
    for repository in opened.repositories():
        if repository.scope == "core":
            note(f"{repository.name} holds core files only: other commits count as skipped")


def _show(markdown: str) -> None:
    """Print Markdown: set in type on a terminal, as it is elsewhere."""
    console = screen()
    if console.is_terminal:
        from rich.markdown import Markdown

        console.print(Markdown(markdown))
    else:
        typer.echo(markdown, nl=False)
