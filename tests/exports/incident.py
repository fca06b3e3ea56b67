"""One incident made by hand for the tests of charts and reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from tests.exports.made import pattern, text_pattern
from workbench.analysis.history.scan import Scan
from workbench.analysis.history.triage import TRIAGE
from workbench.analysis.incidents.durations import durations
from workbench.analysis.scale.loop import LoopModel
from workbench.domain.cases import Case
from workbench.domain.failures import FAILURES
from workbench.domain.findings import FINDINGS
from workbench.domain.frames import (
    COMMITS,
    HITS,
    LOOP_SAMPLES,
    QUERY_STATS,
    TIMELINE_EVENTS,
)
from workbench.domain.histories import HISTORY_COMMITS
from workbench.exports.report import Evidence

STARTED = datetime(2026, 2, 10, 6, tzinfo=UTC)
CASE = Case(
    id="2026-02-scheduler",
    title="Scheduler restarts",
    folder=Path("case"),
    started_utc=STARTED,
    ended_utc=STARTED + timedelta(hours=16),
    running_version="3.1.7",
    deployed_utc=STARTED - timedelta(hours=10),
)
RESTARTS = [STARTED + timedelta(minutes=9 + 18.4 * n) for n in range(52)]


def events() -> pl.DataFrame:
    """52 restarts, a deploy, two pages, a note, a span of back-off."""
    said: list[tuple[datetime, str, str, str]] = [
        (STARTED - timedelta(hours=10), "notes", "deploy", "3.1.7 rolled out"),
        (STARTED + timedelta(minutes=22), "pages", "page", "Scheduler not healthy"),
        (STARTED + timedelta(hours=15), "pages", "resolve", "Scheduler healthy"),
        (STARTED + timedelta(hours=14), "notes", "note", "An index is added by hand <b>now</b>"),
        *((at, "kubectl", "Killing", "Container failed liveness probe") for at in RESTARTS),
    ]
    rows: list[dict[str, object]] = [
        {
            "event_id": str(n),
            "case_id": CASE.id,
            "at_utc": at,
            "source": source,
            "kind": kind,
            "text": text,
            "repeats": 1,
            "origin_path": "events.json",
            "origin_line": n + 1,
        }
        for n, (at, source, kind, text) in enumerate(said)
    ]
    rows.append(
        {
            "event_id": "span",
            "case_id": CASE.id,
            "at_utc": RESTARTS[3],
            "end_utc": RESTARTS[40],
            "source": "kubectl",
            "kind": "BackOff",
            "text": "Back-off restarting",
            "repeats": 211,
        }
    )
    return TIMELINE_EVENTS.frame(rows)


def loop_samples() -> pl.DataFrame:
    """Fifty loops that grow from under a second to hours, then fall back."""
    seconds = [0.6 * 1.23**n for n in range(44)] + [0.0, 0.7, 0.8, 0.7, 0.76, 0.8]
    rows: list[dict[str, object]] = [
        {"case_id": CASE.id, "at_utc": STARTED + timedelta(minutes=19 * n), "seconds": s}
        for n, s in enumerate(seconds)
    ]
    return LOOP_SAMPLES.frame(rows)


def commits() -> pl.DataFrame:
    """Forty commits of the month before, each with a triage class."""
    rows: list[dict[str, object]] = [
        {
            "commit_id": n,
            "sha": f"{n:040x}",
            "position": n,
            "author": "Petra Nowak",
            "authored_utc": STARTED,
            "committed_utc": STARTED - timedelta(hours=18 * (40 - n)),
            "subject": f"Change number {n}",
            "message": "",
        }
        for n in range(40)
    ]
    skipped = pl.when(pl.col("commit_id") % 3 > 0).then(pl.lit("SKIP")).otherwise(pl.lit("FULL"))
    return COMMITS.frame(rows).with_columns(skipped.alias("class"))


def hits() -> pl.DataFrame:
    """Two hits on one commit."""
    head: dict[str, object] = {
        "sha": f"{12:040x}",
        "path": "core/loop.py",
        "line": 41,
        "side": "after",
        "stage": "trial",
        "severity": "HIGH",
        "qualname": "core.loop.check",
        "names": ["core.loop.check"],
    }
    return HITS.frame(
        [
            {
                **head,
                "pattern": "A-shared-mutable-state",
                "message": "check() changes its context.",
            },
            {**head, "pattern": "P-guard-removed", "message": "check() lost its early return."},
        ]
    )


def statistics() -> pl.DataFrame:
    """Two snapshots of two queries; the counters were reset in between."""
    said = [
        ("before", "1", "SELECT day FROM slips WHERE ti = $1", 150_000, 51_300_000.0, 342.0),
        ("before", "2", "SELECT 1", 700, 70.0, 0.1),
        ("after", "1", "SELECT day FROM slips WHERE ti = $1", 4_000_000, 76_000.0, 0.019),
        ("after", "2", "SELECT 1", 900, 90.0, 0.1),
    ]
    names = ("snapshot", "queryid", "query", "calls", "total_exec_ms", "mean_exec_ms")
    return QUERY_STATS.frame([dict(zip(names, row, strict=True)) for row in said])


def failures() -> pl.DataFrame:
    """Three failed tries of two tasks with two texts."""
    head: dict[str, object] = {"dag_id": "orders", "at_utc": STARTED, "exception": "TimeoutError"}
    return FAILURES.frame(
        [
            {**head, "failure_id": "1", "task_id": "a", "template": "no answer in <n> s"},
            {**head, "failure_id": "2", "task_id": "b", "template": "no answer in <n> s"},
            {**head, "failure_id": "3", "task_id": "a", "template": "<script>alert(1)</script>"},
        ]
    )


def scan() -> Scan:
    """Two hits on one commit, of which one is on a hot path."""
    sorted_out = commits().select("sha", "class", pl.lit("core.py").alias("rule"))
    found: dict[str, object] = {
        "sha": f"{12:040x}",
        "path": "core/loop.py",
        "line": 41,
        "side": "after",
        "pattern": "A-shared-mutable-state",
        "stage": "trial",
        "severity": "HIGH",
        "qualname": "core.loop.check",
        "names": ["core.loop.check"],
        "kind": "everyone",
        "downstream": None,
        "call_sites": [],
        "message": "check() changes its context.",
        "trace": [
            {
                "path": "core/loop.py",
                "line": 41,
                "relation": "runs on a hot path",
                "text": "deps.add(x)",
                "where": "upstream",
            }
        ],
    }
    findings = FINDINGS.frame([found])
    funnel = {"commits": 40, "skipped": 26, "examined": 14, "hits": 2, "findings": 1}
    return Scan(triage=TRIAGE.check(sorted_out), hits=hits(), findings=findings, funnel=funnel)


def evidence(**given: object) -> Evidence:
    """All of it; keywords replace its parts."""
    history = commits().with_columns(repository=pl.lit("up"), repository_kind=pl.lit("git"))
    parts: dict[str, object] = {
        "case": CASE,
        "events": events(),
        "failures": failures(),
        "statistics": statistics(),
        "loops": loop_samples(),
        "commits": HISTORY_COMMITS.check(history.drop("class")),
        "scan": scan(),
        "durations": durations(CASE, events()),
        "rejections": pl.DataFrame({"path": ["case/notes.csv"], "reason": ["no time"]}),
        "patterns": [pattern(), text_pattern()],
        "model": LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.342),
    }
    return Evidence(**(parts | given))  # type: ignore[arg-type]


def nothing() -> Evidence:
    """A case of which only the case file is known."""
    none = TRIAGE.empty()
    return evidence(
        events=TIMELINE_EVENTS.empty(),
        failures=FAILURES.empty(),
        statistics=QUERY_STATS.empty(),
        loops=LOOP_SAMPLES.empty(),
        commits=HISTORY_COMMITS.empty(),
        scan=Scan(triage=none, hits=HITS.empty(), findings=FINDINGS.empty(), funnel={}),
        durations=durations(CASE, TIMELINE_EVENTS.empty()),
        rejections=pl.DataFrame(schema={"path": pl.String}),
        patterns=[],
        model=None,
    )
