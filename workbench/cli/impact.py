"""Commands about downstreams: what one imports, and which of their lines one commit reaches."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.answers import (
    DEFAULT_BENCH,
    BenchOption,
    CallerError,
    JsonOption,
    PatternOption,
    PatternsOption,
    answer,
    moment,
    note,
    open_for_reading,
    shared,
    wants_json,
)
from workbench.text.counted import counted

if TYPE_CHECKING:
    import polars as pl

    from workbench.bench import Bench
    from workbench.domain.patterns import Pattern

SHORTEST = 4
IMPORT = ("module", "symbol", "path", "line", "guard", "coupling")
SITE = ("downstream", "path", "line", "target", "kind", "expression", "scope", "guard", "in_tests")
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Day (its end) or moment, UTC; what stands now when left out."),
]


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (imports, impact):
        app.command()(command)


def imports(
    repo: Annotated[
        str, typer.Argument(help="A work tree, bare repository or folder, or a loaded name.")
    ],
    *,
    as_of: AsOfOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what a downstream imports from the upstream; a path is read live, nothing is loaded."""
    when = moment(as_of, option="--as-of", end_of_day=True)
    if Path(repo).exists():
        rows = _live(repo, when, patterns)
    else:
        rows = _loaded(repo, when, bench, patterns)
    if wants_json(as_json):
        answer("imports", {"as_of": when, "imports": rows})
        return
    from workbench.text.printable import printable

    for row in rows:
        name = f"{row['module']}.{row['symbol']}" if row["symbol"] else row["module"]
        where = printable(f"{row['path']}:{row['line']}")
        typer.echo(f"{where}  {name}  ({row['guard']}, {row['coupling']})")
    modules = counted(len({r["module"] for r in rows}), "module")
    typer.echo(f"{modules} in {counted(len(rows), 'import')}")


def impact(
    sha: Annotated[str, typer.Argument(help="A commit of the upstream, or its beginning.")],
    *,
    pattern: PatternOption = None,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the lines of downstreams, as of a commit's date, that what it changed reaches."""
    from workbench.cli.spans import in_span

    opened, history, chosen = in_span(bench=bench, patterns=patterns, pattern=pattern)
    commit = _commit(history.commits, sha)
    if opened.downstreams().is_empty():
        what = "No downstream is loaded."
        raise CallerError(what, todo="Load one: workbench load downstream REPO")
    hits, rows = _reached(opened, commit, chosen)
    if wants_json(as_json):
        fields = {"sha": commit["sha"], "as_of": commit["committed_utc"], "hits": hits}
        answer("impact", {**fields, "call_sites": rows})
        return
    from workbench.cli.screens import short, shown

    for row in rows:
        typer.echo(shown(f"{row['downstream']}  {row['path']}:{row['line']}  {row['expression']}"))
        typer.echo(shown(f"    {row['kind']} of {row['target']}  ({', '.join(row['patterns'])})"))
    day = f"{commit['committed_utc']:%Y-%m-%d}"
    sites = counted(len(rows), "call site")
    typer.echo(f"{sites} of {short(commit['sha'])} as of {day}, {counted(hits, 'hit')}")


def _live(repo: str, when: datetime | None, patterns: Path | None) -> list[dict[str, object]]:
    """The imports of a tree, read from where it stands."""
    from workbench.domain.loading import Known
    from workbench.knowledge.catalogue import open_catalogue
    from workbench.sources.downstreams import read_downstream

    rules = open_catalogue(patterns or shared().patterns).coupling_rules()
    source = read_downstream(repo, coupling=rules, history=False, as_of=when)
    rows: list[dict[str, object]] = []
    for batch in source.read(Known()):
        for rejection in batch.rejections:
            note(f"rejected {rejection.path} {rejection.at}: {rejection.reason}")
        if when and batch.frames["downstreams"]["commit_sha"][0] is None:
            note("It has no history: this is what stands there now.")
        rows += batch.frames["downstream_imports"].select(IMPORT).to_dicts()
    return rows


def _loaded(
    name: str, when: datetime | None, bench: Path | None, patterns: Path | None
) -> list[dict[str, object]]:
    """The imports of a loaded downstream.

    Raises
    ------
    CallerError
        There is neither such a path nor such a downstream.
    """
    path = bench or shared().bench or DEFAULT_BENCH
    opened = open_for_reading(bench, patterns) if path.exists() else None
    names = opened.downstreams()["downstream"].to_list() if opened else []
    if opened is None or name not in names:
        what = f"{name!r} is neither a path nor a loaded downstream."
        right = f"Loaded are: {', '.join(names)}." if names else "No downstream is loaded."
        raise CallerError(what, right=right, todo="Give the path of a folder or repository.")
    from workbench.bench.downstreams import imports_of

    return imports_of(opened, name, as_of=when).select(IMPORT).to_dicts()


def _commit(commits: pl.DataFrame, sha: str) -> dict[str, Any]:
    """The one commit that a sha or its beginning names.

    Raises
    ------
    CallerError
        None or several begin so.
    """
    found = commits.filter(commits["sha"] == sha)
    if found.is_empty() and len(sha) >= SHORTEST:
        found = commits.filter(commits["sha"].str.starts_with(sha.lower()))
    if found["sha"].n_unique() == 1:
        return found.row(0, named=True)
    if found.is_empty():
        what = f"No loaded commit is called {sha}."
        raise CallerError(what, right=f"At least {SHORTEST} digits of one, as `git log` shows it.")
    some = ", ".join(found["sha"].unique().sort().head(5))
    raise CallerError(f"{found.height} commits begin with {sha}: {some}.", todo="Give more of it.")


def _reached(
    opened: Bench, commit: dict[str, Any], patterns: tuple[Pattern, ...]
) -> tuple[int, list[dict[str, Any]]]:
    """How many hits a commit has, and the call sites of its date that they reach."""
    import polars as pl

    from workbench.analysis.history.as_of import valid_at
    from workbench.analysis.history.detect import detect
    from workbench.analysis.history.impact import impact as follow
    from workbench.analysis.history.reexports import aliases
    from workbench.analysis.history.triage import watched
    from workbench.analysis.history.verify_names import MISSING_NAME

    at = commit["committed_utc"]
    history = opened.history(since=at, until=at + timedelta(microseconds=1))
    seen = watched(history, opened.catalogue.triage_rules())
    hot_paths = opened.catalogue.hot_paths()
    hits = detect(patterns, seen, hot_paths=hot_paths).filter(pl.col("sha") == commit["sha"])
    sites = valid_at(opened.call_site_spans(), at)
    spelled = aliases(hits, opened.history(), targets=sites["target"])
    missing = {pattern.id for pattern in patterns if MISSING_NAME in pattern.tags}
    findings = follow(hits, sites, aliases=spelled, missing=missing)
    key = ["downstream", "path", "line", "target", "expression"]
    reached = (
        findings.select("pattern", "names", site="call_sites")
        .explode("site", empty_as_null=False)
        .with_columns(*(pl.col("site").struct.field(name) for name in key))
        .group_by(key)
        .agg(
            pl.col("pattern").unique().sort().alias("patterns"),
            pl.col("names").explode().unique().sort(),
        )
    )
    told = reached.join(sites.select(SITE).unique(), on=key).sort(SITE)
    return hits.height, told.select(*SITE, "patterns", "names").to_dicts()
