"""Commands with which people speak of failures: resolve, merge, split, undo. They write a line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli.answers import (
    BenchOption,
    JsonOption,
    PatternsOption,
    answer,
    moment,
    open_for_reading,
    wants_json,
)
from workbench.errors import UnknownNameError
from workbench.text.suggestions import suggestion

if TYPE_CHECKING:
    from workbench.bench import Bench

FailureArgument = Annotated[str, typer.Argument(help="A failure's id, or a unique beginning.")]
WhoOption = Annotated[str, typer.Option(help="Who says so.")]
WhyOption = Annotated[str, typer.Option(help="For what reason.")]
WhenOption = Annotated[
    str | None, typer.Option(help="Day or moment (UTC) of it.", show_default="now")
]


def attach(app: typer.Typer) -> None:
    """Add these commands to the group."""
    app.command()(resolve)
    app.command()(merge)
    app.command()(split)
    app.command()(undo)


def resolve(
    failure: FailureArgument,
    *,
    done: Annotated[str, typer.Option(help="What was done.")],
    held: Annotated[
        Literal["yes", "no", "unknown"], typer.Option(help="Whether it held.")
    ] = "unknown",
    who: WhoOption,
    why: WhyOption = "",
    when: WhenOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what ended a failure, and whether it held; say it again once more is known."""
    from workbench.knowledge.resolutions import append_verdict

    opened = open_for_reading(bench, patterns)
    ((named, content),) = _named(opened, failure)
    row = append_verdict(
        opened.catalogue.folder,
        failure_id=named,
        content=content,
        verdict="resolved",
        done=done,
        held={"yes": True, "no": False, "unknown": None}[held],
        who=who,
        when=_moment(when),
        why=why,
    )
    _told(row, as_json=as_json)


def merge(
    failure: FailureArgument,
    other: FailureArgument,
    *,
    who: WhoOption,
    why: WhyOption = "",
    when: WhenOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two failures, and all like them, are of one kind."""
    given = {"who": who, "why": why, "when": _moment(when)}
    _told(_paired(bench, patterns, (failure, other), together=True, **given), as_json=as_json)


def split(
    failure: FailureArgument,
    other: FailureArgument,
    *,
    who: WhoOption,
    why: WhyOption = "",
    when: WhenOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two failures are not of one kind, however alike they sound."""
    given = {"who": who, "why": why, "when": _moment(when)}
    _told(_paired(bench, patterns, (failure, other), together=False, **given), as_json=as_json)


def undo(
    *,
    line: Annotated[
        str | None,
        typer.Option(help="Which line, as it was answered.", show_default="your last one"),
    ] = None,
    who: WhoOption,
    why: WhyOption = "",
    when: WhenOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a line of the ledger back; what it said before stands again."""
    from workbench.cli.answers import shared
    from workbench.knowledge.catalogue import open_catalogue
    from workbench.knowledge.resolutions import append_undo

    folder = open_catalogue(patterns or shared().patterns).folder
    row = append_undo(folder, who=who, when=_moment(when), line=line, why=why)
    _told(row, as_json=as_json)


def _paired(
    bench: Path | None, patterns: Path | None, names: tuple[str, str], **said: Any
) -> dict[str, Any]:
    from workbench.knowledge.resolutions import append_pair

    opened = open_for_reading(bench, patterns)
    (one, its), (other, others) = _named(opened, *names)
    return append_pair(
        opened.catalogue.folder, failures=(one, other), contents=(its, others), **said
    )


def _named(opened: Bench, *names: str) -> list[tuple[str, str]]:
    """Ids that names mean, each with the digest of its text.

    Raises
    ------
    UnknownNameError
        No loaded failure, or more than one, begins so.
    """
    from workbench.knowledge.resolutions import failure_content

    texts = dict(opened.failures().select("failure_id", "text").iter_rows())
    found = []
    for name in names:
        fits = [name] if name in texts else [known for known in texts if known.startswith(name)]
        if len(fits) != 1 or not name:
            what = f"{name!r} means {len(fits)} of the {len(texts)} failures that are loaded."
            raise UnknownNameError(what, todo=suggestion(name, sorted(fits or texts)[:50]))
        found.append((fits[0], failure_content(texts[fits[0]] or "")))
    return found


def _moment(when: str | None) -> datetime:
    return moment(when, option="--when") or datetime.now(UTC)


def _told(row: dict[str, Any], *, as_json: bool) -> None:
    """Answer the line that was written, and its name."""
    from workbench.knowledge.resolutions import RESOLUTIONS_FILE, line_id

    name = line_id(row)
    if wants_json(as_json):
        answer("failures-judgement", {"line": name, "said": row})
        return
    typer.echo(f"{row['say']}: line {name} of {RESOLUTIONS_FILE}")
