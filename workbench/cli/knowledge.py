"""Commands about what people know: patterns check, list, show; export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import (
    DEFAULT_BENCH,
    BenchOption,
    JsonOption,
    PatternsOption,
    SinceOption,
    UntilOption,
    answer,
    folder,
    moment,
    note,
    open_for_loading,
    screen,
    shared,
    wants_json,
)
from workbench.domain.patterns import Pattern, SqlDetector
from workbench.text.counted import counted

if TYPE_CHECKING:
    from workbench.exports.skill.bundle import SkillSource

patterns_app = typer.Typer(no_args_is_help=True, help="What people know: the pattern library.")


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(patterns_app, name="patterns")
    app.command("export")(export_files)


def _folder(patterns: Path | None) -> Path | None:
    return patterns or shared().patterns


@patterns_app.command("check")
def check(*, patterns: PatternsOption = None, as_json: JsonOption = False) -> None:
    """List every problem of the pattern files, and of every example, at once."""
    from workbench.knowledge.catalogue import open_catalogue

    catalogue = open_catalogue(_folder(patterns))
    problems = catalogue.check()
    if wants_json(as_json):
        rows = [
            {
                "path": p.where.path,
                "at": p.where.at,
                "line": p.line,
                "key": p.key,
                "what": p.what,
                "todo": p.todo,
            }
            for p in problems
        ]
        answer("patterns-check", {"folder": str(catalogue.folder), "problems": rows})
    else:
        for problem in problems:
            typer.echo(str(problem))
        sound = len(catalogue.patterns(running=False))
        found = f"{counted(sound, 'sound pattern')}, {counted(len(problems), 'problem')}"
        typer.echo(f"{catalogue.folder}: {found}")
    if problems:
        raise typer.Exit(1)


@patterns_app.command("list")
def list_patterns(*, patterns: PatternsOption = None, as_json: JsonOption = False) -> None:
    """List the sound patterns with their stage and severity."""
    from workbench.knowledge.catalogue import open_catalogue

    catalogue = open_catalogue(_folder(patterns))
    found = catalogue.patterns(running=False)
    if wants_json(as_json):
        rows = [
            {
                "pattern": p.id,
                "version": p.version,
                "stage": p.stage.value,
                "severity": p.severity.value,
                "title": p.title,
            }
            for p in found
        ]
        answer("patterns-list", {"folder": str(catalogue.folder), "patterns": rows})
        return
    for p in found:
        typer.echo(f"{p.id:<34} v{p.version:<3} {p.stage:<10} {p.severity:<12} {p.title}")


@patterns_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A pattern's id or a unique beginning of it.")],
    *,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one pattern: what, why, its detector, examples, origins and limits."""
    from workbench.exports.patterns import patterns_document
    from workbench.knowledge.catalogue import open_catalogue

    pattern = open_catalogue(_folder(patterns)).pattern(name)
    if wants_json(as_json):
        shown = patterns_document([pattern])["patterns"]
        assert isinstance(shown, list)
        answer("patterns-show", {"pattern": shown[0]})
        return
    screen().print(_card(pattern), markup=False)


def _card(p: Pattern) -> str:
    """Return a pattern as people read it."""
    lines = [
        f"{p.id}  v{p.version}  {p.stage}  {p.severity}  {p.failure_mode}",
        p.title,
        "",
        p.describe.strip(),
        "",
        f"Message: {p.message}",
    ]
    lines += [f"Advice: {p.advice.strip()}"] if p.advice else []
    for title, items in (("Limits", p.limits), ("Checklist", p.checklist)):
        lines += ["", f"{title}:", *(f"  - {item}" for item in items)] if items else []
    hits = [e for e in p.examples if e.expect]
    lines += ["", f"Examples: {len(hits)} that hit, {len(p.examples) - len(hits)} clean"]
    lines += [f"  {'hit  ' if e.expect else 'clean'}  {e.name}: {e.why}" for e in p.examples]
    lines += ["", "Origins:"]
    lines += [
        f"  {o.date}  {o.kind}  {o.ref}" + (f": {o.note}" if o.note else "") for o in p.origins
    ]
    detector = p.detector
    lines += ["", "Detector:"]
    lines += [detector.text.strip() if isinstance(detector, SqlDetector) else repr(detector)]
    return "\n".join(lines)


def export_files(
    *,
    to: Annotated[Path, typer.Option(help="Folder for the files; made when missing.")],
    format: Annotated[  # noqa: A002 - the option's name is a contract
        list[str] | None, typer.Option(help="json, sarif or skill; all unless given.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write patterns and findings for other tools, with a report of what each cannot carry."""
    from workbench.cli.findings import findings_of
    from workbench.exports.export import export
    from workbench.knowledge.catalogue import open_catalogue

    path = bench or shared().bench or DEFAULT_BENCH
    opened = open_for_loading(path, patterns) if path.exists() else None
    first = moment(since, option="--since")
    last = moment(until, option="--until", end_of_day=True)
    catalogue = opened.catalogue if opened else open_catalogue(_folder(patterns))
    found = findings_of(opened, since=first, until=last) if opened else None
    result = export(
        patterns=catalogue.patterns(running=False),
        findings=found.findings if found else [],
        funnel=found.funnel if found else {},
        examined=found.examined if found else (),
        to=folder(to, option="--to"),
        skill=_skill(catalogue.folder) if not format or "skill" in format else None,
        formats=format or None,
    )
    losses = [
        {"format": x.format, "what": x.what, "count": x.count, "why": x.why} for x in result.losses
    ]
    if wants_json(as_json):
        answer("export", {"files": [str(f) for f in result.files], "losses": losses})
        return
    for file in result.files:
        typer.echo(f"wrote {file}")
    for loss in result.losses:
        typer.echo(f"  {loss.format} does not carry {loss.what} ({loss.count}): {loss.why}")


def _skill(folder: Path) -> SkillSource | None:
    """What the skill is made of; a folder of patterns may have no DAG rules."""
    from workbench.exports.skill.bundle import skill_source

    source = skill_source(folder)
    if source is None:
        note(f"{folder} has no dag-rules with a reference, so there is no skill to write")
    return source
