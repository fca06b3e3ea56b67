"""Commands that ask a history: triage, hits, scan."""

from __future__ import annotations

from collections.abc import Mapping
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
    note,
    open_for_reading,
    screen,
    wants_json,
)
from workbench.cli.spans import bounds, in_span
from workbench.text.counted import counted

if TYPE_CHECKING:
    import polars as pl

    from workbench.bench import Bench
    from workbench.domain.histories import History
    from workbench.domain.history import Severity

SHOWN_ROWS = 40
FailOption = Annotated[
    str | None,
    typer.Option("--fail-on", help="Exit with 1 when a finding has this severity or a worse one."),
]


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (triage, hits, scan):
        app.command()(command)


def triage(
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sort commits into SKIP, TARGETED and FULL, each with the rule that decided."""
    from workbench.analysis.history.triage import triage as sort_out
    from workbench.cli.findings import imported_modules

    opened = open_for_reading(bench, patterns)
    history = _history(opened, since, until)
    _say_scope(opened)
    rules = opened.catalogue.triage_rules()
    frame = sort_out(history, rules, imported=imported_modules(opened))
    counts = {k: frame.filter(frame["class"] == k).height for k in ("SKIP", "TARGETED", "FULL")}
    if wants_json(as_json):
        answer("triage", {"commits": frame.sort("sha").to_dicts(), "counts": counts})
        return
    whole = max(frame.height, 1)
    for name, n in counts.items():
        typer.echo(f"{name:<9} {n:>7,}  {n / whole:6.1%}")
    by_rule = frame.filter(frame["class"] == "SKIP")["rule"].value_counts(sort=True)
    for rule, n in by_rule.iter_rows():
        typer.echo(f"  skipped by {rule:<24} {n:>7,}")


def hits(
    *,
    pattern: PatternOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the detectors alone over the commits that triage does not skip."""
    from workbench.analysis.history.detect import detect
    from workbench.analysis.history.triage import watched
    from workbench.cli.findings import say_failed

    opened, history, chosen = in_span(
        bench=bench, patterns=patterns, since=since, until=until, pattern=pattern
    )
    seen = watched(history, opened.catalogue.triage_rules())
    failed: dict[str, object] = {}
    hot_paths = opened.catalogue.hot_paths()
    found = detect(chosen, seen, hot_paths=hot_paths, failed=failed.__setitem__)
    for name, how in failed.items():
        say_failed(name, how)
    if wants_json(as_json):
        examined = [{"sha": sha} for sha in seen.commits["sha"].unique().sort()]
        body = {"examined": examined, "hits": _redacted(found)}
        answer("hits", body | _failed(failed))
        return
    _print_hits(found, seen)
    examined_commits = counted(seen.commits.height, "examined commit")
    typer.echo(f"{counted(found.height, 'hit')} in {examined_commits}")


def scan(
    *,
    pattern: PatternOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    fail_on: FailOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Follow hits to the call sites of the downstreams, or to a hot path that is everyone's."""
    from workbench.cli.findings import configured_arguer, findings_in
    from workbench.domain.history import Severity
    from workbench.exports.findings import prepared

    floor = _severity(fail_on)
    arguer = configured_arguer()
    opened, history, chosen = in_span(
        bench=bench, patterns=patterns, since=since, until=until, pattern=pattern
    )
    result = findings_in(opened, history, chosen, arguer=arguer)
    rows, _ = prepared(result.findings)
    for sentence in result.notes:
        note(f"the model did not argue: {sentence}")
    if argued := dict(result.argued):
        note("the model: " + ", ".join(f"{n} {name}" for name, n in argued.items()))
    if wants_json(as_json):
        examined = [{"sha": sha} for sha in result.examined]
        fields = {"examined": examined, "findings": rows, "funnel": dict(result.funnel)}
        answer("scan", fields | ({"argued": argued} if argued else {}) | _failed(result.failed))
    else:
        from workbench.cli.screens import show_findings

        show_findings(rows, result.funnel, history.commits, console=screen())
    if floor and any(Severity(str(r["severity"])).rank >= floor.rank for r in rows):
        raise typer.Exit(1)


def _history(opened: Bench, since: str | None, until: str | None) -> History:
    first, last = bounds(since, until)
    if not opened.repositories():
        what = "No history is loaded."
        raise CallerError(what, todo="Load one: workbench load git REPO")
    return opened.history(since=first, until=last)


def _say_scope(opened: Bench) -> None:
    """Warn when a history was loaded without the files that triage would skip."""
    for repository in opened.repositories():
        if repository.scope == "core":
            note(f"{repository.name} holds core files only: its other commits are not counted here")


def _severity(text: str | None) -> Severity | None:
    from workbench.domain.history import Severity

    if text is None:
        return None
    try:
        return Severity(text.upper())
    except ValueError as error:
        what = f"--fail-on is {text!r}, which is no severity."
        raise CallerError(what, right=f"There are: {', '.join(Severity)}.") from error


def _failed(failed: Mapping[str, object]) -> dict[str, object]:
    """The patterns whose detector failed, as a field of an answer; no field when none did."""
    rows = [{"pattern": name, "what": str(how)} for name, how in failed.items()]
    return {"failed": rows} if rows else {}


def _redacted(found: pl.DataFrame) -> list[dict[str, object]]:
    """Return hits as mappings, texts that come from commits without secrets."""
    from workbench.text.redact import redact

    rows = found.to_dicts()
    for row in rows:
        row["message"] = redact(row["message"])
    return rows


def _print_hits(found: pl.DataFrame, seen: History) -> None:
    from workbench.cli.screens import show_hits

    show_hits(found, seen.commits, console=screen(), rows=SHOWN_ROWS)
