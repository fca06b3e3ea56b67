"""The main job on the shipped case, step by step, on one screen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from workbench.analysis.history.detect import detect
from workbench.analysis.history.triage import watched
from workbench.analysis.incidents.durations import durations
from workbench.analysis.scale.loop import LoopModel
from workbench.bench import Bench, open_bench
from workbench.bench.case_loading import load_case_counted
from workbench.cli.answers import Bar, folder, note
from workbench.cli.findings import findings_of
from workbench.cli.screens import severity, show_finding
from workbench.errors import SourceError
from workbench.exports.export import export
from workbench.exports.findings import prepared
from workbench.shipped_files import shipped
from workbench.sources.releases import read_releases
from workbench.text.counted import counted
from workbench.text.printable import printable
from workbench.text.redact import redact

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.analysis.history.scan import Scan
    from workbench.domain.cases import Case

CASE = Path("cases") / "2026-02-scheduler"
RELEASES = ("apache-airflow-core", ("3.1.6", "3.1.7", "3.1.8"))
ACCOUNT_LOOP = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
"""The public account's figures: 2,000 tasks a run, 20 runs a loop, 340 ms a query."""
INDEXED_SECONDS = 0.000019
BUDGET_SECONDS = 120.0


def demonstrate(
    to: Path, *, offline: bool, patterns: Path | None, console: Console, quiet: bool
) -> dict[str, object]:
    """Load, explain, detect, export and report; print what was found and what was written.

    Returns
    -------
    dict
        ``written`` (paths), ``headline`` (figures), ``releases`` (hits on released code, or why
        there are none), ``seconds``.
    """
    console.quiet = quiet
    started = time.monotonic()
    folder(to, option="--to").mkdir(parents=True, exist_ok=True)
    inputs = shipped("fixtures") / CASE
    bench = open_bench(to / "demo.duckdb", patterns=patterns, progress=Bar())
    case = _load(bench, inputs, console)
    headline = _explain(bench, case, console)
    found = findings_of(bench)
    headline |= _show_findings(bench, found, console)
    released = (
        _released(to, bench, console) if not offline else {"skipped": "asked to stay offline"}
    )
    written = _write(bench, found, inputs, to, console)
    seconds = time.monotonic() - started
    page = next((path for path in written if path.suffix == ".html"), None)
    console.print()
    if page:
        console.print(Text.assemble("Open ", (str(page), "bold"), " in a browser."))
    console.print(Text.assemble("Then: ", ("make lab", "bold"), " and notebook 01."))
    console.print(f"{seconds:.1f} s", style="dim")
    return {
        "written": [str(path) for path in written],
        "headline": headline,
        "releases": released,
        "seconds": round(seconds, 2),
    }


def _title(console: Console, number: int, words: str) -> None:
    console.print()
    console.print(Rule(Text(f"{number}  {words}", style="bold"), align="left", style="dim"))


def _load(bench: Bench, folder: Path, console: Console) -> Case:
    _title(console, 1, "Load: what the incident left behind, the upstream, eight downstreams")
    case, results = load_case_counted(bench, folder, with_history=True)
    grid = Table(box=None, show_header=False, pad_edge=False)
    for column in ("input", "loaded", "unchanged"):
        grid.add_column(column, justify="left" if column == "input" else "right")
    for name, r in results.items():
        again = f"{r.unchanged:,} already there" if r.unchanged else ""
        grid.add_row(f"  {name}", f"{r.loaded:,} loaded", Text(again, style="dim"))
    console.print(grid)
    return case


def _explain(bench: Bench, case: Case, console: Console) -> dict[str, object]:
    _title(console, 2, "Explain: what happened, and what it costs at scale")
    spent = durations(case, bench.timeline(case.id))
    loops = bench.loop_samples(case.id)["seconds"]
    after = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=INDEXED_SECONDS)
    over = int((loops > BUDGET_SECONDS).sum())
    budget_ms = ACCOUNT_LOOP.budget(BUDGET_SECONDS) * 1000
    console.print(
        f"  {spent.restarts} restarts in {spent.horizon_minutes / 60:.0f} h, one every "
        f"{spent.mean_cycle_minutes:.1f} min; {over} of {loops.len()} measured loops took longer "
        f"than {BUDGET_SECONDS:.0f} s"
    )
    console.print(
        f"  2,000 tasks x 20 runs x 0.34 s = {ACCOUNT_LOOP.seconds():,.0f} s a loop; within "
        f"{BUDGET_SECONDS:.0f} s a query may take {budget_ms:.1f} ms; "
        f"with the index the loop takes {after.seconds():.2f} s"
    )
    return {
        "restarts": spent.restarts,
        "mean_cycle_minutes": spent.mean_cycle_minutes,
        "loop_seconds": ACCOUNT_LOOP.seconds(),
        "budget_per_query_ms": budget_ms,
        "loop_seconds_with_index": after.seconds(),
    }


def _show_findings(bench: Bench, found: Scan, console: Console) -> dict[str, object]:
    _title(console, 3, "Find: triage, detectors, call sites")
    steps = " -> ".join(f"{n:,} {name}" for name, n in found.funnel.items())
    console.print(f"  {steps}")
    rows, _ = prepared(found.findings)
    subjects = dict(bench.history().commits.select("sha", "subject").iter_rows())
    order = {"everyone": 0, "break": 1, "deprecated": 2}
    for row in sorted(rows, key=lambda r: (order[r["kind"]], r["sha"], r["pattern"])):
        console.print()
        show_finding(row, subjects.get(row["sha"], ""), console=console)
    skipped = found.funnel["skipped"] / max(found.funnel["commits"], 1)
    return {"funnel": dict(found.funnel), "skipped_share": round(skipped, 3)}


def _released(to: Path, bench: Bench, console: Console) -> dict[str, object]:
    """Run the same detectors on released code, where the package index answers."""
    name, versions = RELEASES
    _title(console, 4, f"Prove: the same detectors on {name} {', '.join(versions)}")
    try:
        source = read_releases(name, list(versions), cache=to / ".workbench-releases")
        released = open_bench(
            to / "releases.duckdb", patterns=bench.catalogue.folder, progress=Bar()
        )
        released.load(source)
    except SourceError as error:
        note(f"released code was left out: {error}")
        console.print(Text(f"  left out: {printable(error.what)}", style="dim"))
        return {"skipped": str(error)}
    released.ensure_facts()
    history = released.history()
    seen = watched(history, bench.catalogue.triage_rules())
    chosen = bench.catalogue.patterns(["A", "P"])
    hits = detect(chosen, seen, hot_paths=bench.catalogue.hot_paths())
    columns = ("sha", "pattern", "severity", "path", "line", "message")
    rows = [row | {"message": redact(row["message"])} for row in hits.select(columns).to_dicts()]
    for pair in history.commits.sort("position")["sha"]:
        mine = [r for r in rows if r["sha"] == pair]
        console.print(f"  {pair}: {counted(len(mine), 'hit')} of A and P", style="bold")
        for row in mine:
            console.print(
                Text.assemble("    ", severity(row["severity"]), f"  {row['path']}:{row['line']}")
            )
            console.print(Text(f"      {printable(row['message'])}", style="dim"))
    return {"hits": rows}


def _write(bench: Bench, found: Scan, folder: Path, to: Path, console: Console) -> Sequence[Path]:
    from workbench.exports.postmortem import write_postmortem
    from workbench.exports.skill.bundle import skill_source

    _title(console, 5, "Write: exports for other tools, and the post-mortem")
    result = export(
        patterns=bench.catalogue.patterns(running=False),
        findings=found.findings,
        funnel=found.funnel,
        examined=found.examined,
        skill=skill_source(bench.catalogue.folder),
        to=to,
    )
    written = list(result.files)
    written += write_postmortem(
        folder, bench=bench.store.path, to=to, patterns=bench.catalogue.folder
    )
    for path in written:
        console.print(f"  {path}  {path.stat().st_size / 1000:,.0f} kB")
    return written
