"""One incident made by hand for the tests of charts and reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from workbench.domain.cases import Case
from workbench.domain.frames import COMMITS, HITS, LOOP_SAMPLES, TIMELINE_EVENTS

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
            "author": "someone",
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
