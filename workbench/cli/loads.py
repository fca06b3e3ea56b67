"""Commands that load: git, releases, downstream, timeline, stats, failures, case."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.answers import (
    BenchOption,
    JsonOption,
    PatternsOption,
    SinceOption,
    UntilOption,
    answer,
    moment,
    note,
    open_for_loading,
    wants_json,
)
from workbench.domain.loading import LoadResult

load_app = typer.Typer(no_args_is_help=True, help="Load sources into the bench.")


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(load_app, name="load")


def tell(results: Mapping[str, LoadResult], *, as_json: bool, **more: object) -> None:
    """Answer a load: counts over all its inputs; each input by its name when there are several."""
    total = {
        "loaded": sum(r.loaded for r in results.values()),
        "unchanged": sum(r.unchanged for r in results.values()),
        "rejected": sum(r.rejected for r in results.values()),
        "seconds": round(sum(r.seconds for r in results.values()), 3),
    }
    rejections = [
        {"path": r.path, "at": r.at, "reason": r.reason}
        for result in results.values()
        for r in result.rejections
    ]
    if wants_json(as_json):
        inputs = {
            name: {"loaded": r.loaded, "unchanged": r.unchanged, "rejected": r.rejected}
            for name, r in results.items()
        }
        notes = [f"{name}: {said}" for name, r in results.items() for said in r.notes]
        told = {"inputs": inputs, "rejections": rejections[:1000], "notes": notes}
        answer("load", {**total, **told, **more})
        return
    for name, r in results.items():
        typer.echo(
            f"{name}: {r.loaded:,} loaded, {r.unchanged:,} unchanged, {r.rejected:,} rejected, "
            f"{r.seconds:.1f} s"
        )
        for sentence in r.notes:
            note(f"  {sentence}")
    for rejection in rejections[:10]:
        note(f"  rejected {rejection['path']} {rejection['at']}: {rejection['reason']}")
    if len(rejections) > 10:
        note(f"  and {len(rejections) - 10:,} more; all are kept in the table `rejections`")


@load_app.command("git")
def load_git(
    repo: Annotated[str, typer.Argument(help="A clone or bare repository.")],
    *,
    branch: Annotated[str | None, typer.Option(help="Branch; HEAD when left out.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    core_only: Annotated[
        bool, typer.Option("--core-only", help="Only *.py outside tests and docs, and config.yml.")
    ] = False,
    no_facts: Annotated[
        bool, typer.Option("--no-facts", help="Leave the facts to the first hits or scan.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="Name; the folder's when left out.")] = None,
    bench: BenchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load commits, changes and hunks of a first-parent history (and its facts)."""
    from workbench.sources.git import read_git

    source = read_git(
        repo,
        branch=branch,
        since=moment(since, option="--since"),
        until=moment(until, option="--until", end_of_day=True),
        core_only=core_only,
        name=name,
    )
    opened = open_for_loading(bench, None)
    results = {source.name: opened.load(source)}
    if not no_facts:
        results |= _facts(opened)
    tell(results, as_json=as_json)


def _facts(opened: object) -> dict[str, LoadResult]:
    """Read the facts of what was loaded, counted as a load of its own without rows."""
    import time

    from workbench.bench import Bench

    assert isinstance(opened, Bench)
    started = time.monotonic()
    rejected = opened.ensure_facts()
    result = LoadResult(
        loaded=0,
        unchanged=0,
        rejected=len(rejected),
        seconds=time.monotonic() - started,
        rejections=rejected,
    )
    return {"facts": result}


@load_app.command("releases")
def load_releases(
    distribution: Annotated[str, typer.Argument(help="Name on the package index.")],
    versions: Annotated[list[str], typer.Argument(help="Two or more versions.")],
    *,
    file: Annotated[
        list[Path] | None, typer.Option(help="A wheel or sdist instead of the index; repeatable.")
    ] = None,
    no_facts: Annotated[
        bool, typer.Option("--no-facts", help="Leave the facts for later.")
    ] = False,
    bench: BenchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load released versions; each consecutive pair is one change."""
    from workbench.sources.releases import read_releases

    opened = open_for_loading(bench, None)
    cache = opened.store.path.parent / ".workbench-releases"
    source = read_releases(distribution, versions, files=file or None, cache=cache)
    results = {distribution: opened.load(source)}
    if not no_facts:
        results |= _facts(opened)
    tell(results, as_json=as_json)


@load_app.command("downstream")
def load_downstream(
    repos: Annotated[list[str], typer.Argument(help="[NAME=]REPO: work tree, bare or folder.")],
    *,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load import maps and call sites of downstreams, with every version that git has."""
    from workbench.bench.downstreams import check_names, load_downstreams
    from workbench.sources.downstreams import read_downstream

    named = [_named(repo) for repo in repos]
    check_names([name for name, _ in named])
    opened = open_for_loading(bench, patterns)
    rules = opened.catalogue.coupling_rules()
    sources = [read_downstream(path, name=name, coupling=rules) for name, path in named]
    tell(load_downstreams(opened, sources), as_json=as_json)


def _named(repo: str) -> tuple[str, str]:
    """NAME and path of ``[NAME=]REPO``; a path that exists as it stands is never cut."""
    if "=" in repo and not Path(repo).exists():
        name, _, path = repo.partition("=")
        return name, path
    return Path(repo).resolve().name.removesuffix(".git"), repo


@load_app.command("timeline")
def load_timeline(
    files: Annotated[list[Path], typer.Argument(help="Timeline files; the format is recognised.")],
    *,
    bench: BenchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load incident timelines: our CSV or JSON lines, kubectl events."""
    from workbench.sources.timelines import read_timeline

    opened = open_for_loading(bench, None)
    tell({str(f): opened.load(read_timeline(f)) for f in files}, as_json=as_json)


@load_app.command("stats")
def load_stats(
    files: Annotated[list[Path], typer.Argument(help="pg_stat_statements as CSV.")],
    *,
    database: Annotated[
        str | None, typer.Option("--database", help="Only rows of this dbid or datname.")
    ] = None,
    bench: BenchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load snapshots of database statistics, each under its file's name."""
    from workbench.sources.query_stats import read_query_stats

    opened = open_for_loading(bench, None)
    sources = {str(f): read_query_stats(f, snapshot=f.stem, database=database) for f in files}
    tell({n: opened.load(s) for n, s in sources.items()}, as_json=as_json)


@load_app.command("failures")
def load_failures(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Log trees, logs, JSON lines, saved answers, a metadata database (file or "
            "postgresql://...), a memory (YAML), a server (http://..., its login is read from "
            "AIRFLOW_API_TOKEN, or AIRFLOW_API_USER and AIRFLOW_API_PASSWORD).",
        ),
    ],
    *,
    site: Annotated[
        str | None, typer.Option(help="Name of the installation, when several run the same DAGs.")
    ] = None,
    bench: BenchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load failed tries, redacted before anything is stored; each try is one failure."""
    from workbench.sources.failure_inputs import read_input
    from workbench.text.redact import redact

    opened = open_for_loading(bench, None)
    captures = opened.store.path.parent / "captures"
    sources = [(word, read_input(word, captures=captures, site=site)) for word in inputs]
    tell({redact(word): opened.load(source) for word, source in sources}, as_json=as_json)


@load_app.command("case")
def load_case(
    folder: Annotated[Path, typer.Argument(help="A folder with a case.toml.")],
    *,
    bench: BenchOption = None,
    patterns: PatternsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load every input that a case names, its history and downstreams included."""
    from workbench.bench.case_loading import load_case_counted

    opened = open_for_loading(bench, patterns)
    case, results = load_case_counted(opened, folder, with_history=True)
    tell(results, as_json=as_json, case_id=case.id)
