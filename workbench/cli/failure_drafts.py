"""The command that drafts what a cluster nobody remembers asks for: failures promote."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli.answers import (
    BenchOption,
    CallerError,
    JsonOption,
    PatternsOption,
    answer,
    moment,
    note,
    open_for_reading,
    wants_json,
)
from workbench.errors import UnknownNameError
from workbench.text.printable import printable
from workbench.text.suggestions import suggestion

if TYPE_CHECKING:
    import polars as pl

    from workbench.bench.failure_memory import FailureDesk
    from workbench.knowledge.promotion import PatternDraft, ResolutionStub


def attach(app: typer.Typer) -> None:
    """Add this command to the group."""
    app.command("promote")(promote_cluster)


def promote_cluster(
    cluster: Annotated[str, typer.Argument(help="A cluster's id, or a unique beginning.")],
    *,
    who: Annotated[str, typer.Option(help="Who promotes it.")],
    to: Annotated[
        Literal["pattern", "resolution"] | None,
        typer.Option(help="Which of the two.", show_default="what its messages allow"),
    ] = None,
    when: Annotated[str | None, typer.Option(help="Day (UTC) of it.", show_default="today")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write a pattern's draft into the folder of patterns.")
    ] = False,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a pattern, or a stub of a resolution, of a cluster that no memory knows."""
    from workbench.bench.failure_memory import open_desk
    from workbench.knowledge.promotion import PatternDraft, promote

    desk = open_desk(open_for_reading(bench, patterns), model="words")
    rows = _members(desk, cluster)
    created = (moment(when, option="--when") or datetime.now(UTC)).date()
    draft = promote(rows, author=who, created=created, to=to)
    resolved = rows.join(desk.resolutions, on="failure_id", how="semi").height
    if resolved and to is None and not isinstance(draft, PatternDraft):
        what = f"Somebody spoke of {resolved} of these {rows.height} failures already."
        todo = "`workbench failures match` shows what is remembered; --to resolution makes a stub."
        raise CallerError(what, todo=todo)
    if resolved:
        note(f"{resolved} of these {rows.height} failures have a verdict already")
    kept = draft.write(desk.folder) if keep and isinstance(draft, PatternDraft) else None
    if wants_json(as_json):
        body = _body(draft) | {"written": kept and str(kept), "resolved": resolved}
        answer("failures-promote", {"cluster_id": rows["cluster_id"][0], **body})
        return
    if isinstance(draft, PatternDraft):
        typer.echo(f"{kept}: pattern {draft.id}" if kept else draft.text, nl=kept is not None)
        return
    template = printable(" ".join(draft.template.split()))
    typer.echo(f"{draft.cluster_id}: {draft.why}\n    {template}\n{draft.command}")


def _members(desk: FailureDesk, name: str) -> pl.DataFrame:
    """Failures of the cluster that a name means, each with its ``cluster_id``.

    Raises
    ------
    UnknownNameError
        No cluster, or more than one, begins so.
    """
    named = desk.clusters().assignments.select("failure_id", "cluster_id")
    known = named["cluster_id"].unique().sort().to_list()
    fits = [name] if name in known else [each for each in known if each.startswith(name)]
    if len(fits) != 1 or not name:
        what = f"{name!r} means {len(fits)} of the {len(known)} clusters."
        raise UnknownNameError(what, todo=suggestion(name, fits or known))
    return desk.failures.join(named, on="failure_id").filter(cluster_id=fits[0])


def _body(draft: PatternDraft | ResolutionStub) -> dict[str, Any]:
    from workbench.knowledge.promotion import PatternDraft

    if isinstance(draft, PatternDraft):
        pattern = {"id": draft.id, "names": list(draft.names), "text": draft.text}
        return {"kind": "pattern", "pattern": pattern, "resolution": None}
    stub = {
        "failure_id": draft.failure_id,
        "failures": draft.failures,
        "template": draft.template,
        "why": draft.why,
        "command": draft.command,
    }
    return {"kind": "resolution", "pattern": None, "resolution": stub}
