"""One case's evidence fetched from a bench: inputs, history, scan, durations, loop model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import polars as pl

from workbench.analysis.history.scan import Scan, scan
from workbench.analysis.incidents.durations import durations
from workbench.analysis.scale.loop import LoopModel
from workbench.domain.cases import Case
from workbench.domain.findings import FINDINGS
from workbench.domain.histories import History
from workbench.domain.history import Rejection
from workbench.domain.patterns import HotPath, PathRule, Pattern
from workbench.exports.findings import prepared
from workbench.exports.report.evidence import Evidence, costliest
from workbench.text.redact import redact

TASKS, RUNS = "tasks", "runs"
"""Units of the measurements in a timeline that give the loop model its size."""


class Knowledge(Protocol):
    """What a report asks of a catalogue."""

    def patterns(self) -> Sequence[Pattern]: ...
    def triage_rules(self) -> Sequence[PathRule]: ...
    def hot_paths(self) -> Sequence[HotPath]: ...


class Holder(Protocol):
    """What a report asks of a bench."""

    @property
    def catalogue(self) -> Knowledge: ...
    def load_case(self, folder: str | Path) -> Case: ...
    def ensure_facts(self) -> tuple[Rejection, ...]: ...
    def history(self, *, repository: str | None = None) -> History: ...
    def timeline(self, case_id: str | None = None) -> pl.DataFrame: ...
    def failures(self, case_id: str | None = None) -> pl.DataFrame: ...
    def query_stats(self, case_id: str | None = None) -> pl.DataFrame: ...
    def loop_samples(self, case_id: str | None = None) -> pl.DataFrame: ...
    def call_sites(self) -> pl.DataFrame: ...
    def imports(self) -> pl.DataFrame: ...
    def rejections(self) -> pl.DataFrame: ...


def gather(bench: Holder, case_folder: str | Path, *, threshold_seconds: float = 120.0) -> Evidence:
    """Fetch what a report rests on; what the bench does not hold yet is loaded.

    Parameters
    ----------
    bench : Bench
        Holds the case, or will.
    case_folder : str or Path
        Folder with ``case.toml``. A case that brings a history is judged on that history, any
        other on all that is loaded.
    threshold_seconds : float
        How long a scheduler loop may take before its liveness probe fails.
    """
    case = bench.load_case(case_folder)
    bench.ensure_facts()
    history = bench.history(repository=f"{case.id}-upstream" if case.history else None)
    patterns, imports = bench.catalogue.patterns(), bench.imports()
    events, statistics = bench.timeline(case.id), bench.query_stats(case.id)
    found = scan(
        patterns,
        history,
        call_sites=bench.call_sites(),
        rules=bench.catalogue.triage_rules(),
        hot_paths=bench.catalogue.hot_paths(),
        imported=imports.select("module").unique() if imports.height else None,
    )
    return Evidence(
        case=case,
        events=events,
        failures=bench.failures(case.id),
        statistics=statistics,
        loops=bench.loop_samples(case.id),
        commits=history.commits.with_columns(subject=without_secrets(history.commits["subject"])),
        scan=_shown(found),
        durations=durations(case, events),
        rejections=bench.rejections(),
        patterns=patterns,
        model=loop_model(events, statistics),
        threshold_seconds=threshold_seconds,
    )


def _shown(found: Scan) -> Scan:
    """The scan with the texts that come from commits as they may be shown."""
    rows, _ = prepared(found.findings)
    findings = FINDINGS.frame([{name: row[name] for name in FINDINGS.columns} for row in rows])
    hits = found.hits.with_columns(message=without_secrets(found.hits["message"]))
    return replace(found, hits=hits, findings=findings)


def without_secrets(texts: pl.Series) -> pl.Series:
    """Texts on one line each, redacted in one go."""
    lines = texts.fill_null("").str.replace_all(r"\s*[\r\n]\s*", " ").to_list()
    return pl.Series(texts.name, redact("\n".join(lines)).split("\n")[: len(lines)], pl.String)


def loop_model(events: pl.DataFrame, statistics: pl.DataFrame) -> LoopModel | None:
    """Build the loop model that a case's own measurements give; None where one is missing.

    The timeline says how many task instances (a value in ``tasks``) and DAG runs (in ``runs``) a
    loop looks at, the last measurement of each counting; the database says what the costliest
    query takes.
    """
    measured = events.filter(pl.col("unit").is_in([TASKS, RUNS]) & (pl.col("kind") == "measure"))
    size = dict(measured.sort("at_utc").select("unit", "value").iter_rows())
    query = costliest(statistics)
    if not (size.get(TASKS) and size.get(RUNS) and query):
        return None
    return LoopModel(
        n_tis=int(size[TASKS]),
        n_dagruns=int(size[RUNS]),
        per_query_seconds=query["before_ms"] / 1000,
    )
