"""Columns of what a load of failures gives: failed tries, and the runs and tasks around them."""

from __future__ import annotations

import polars as pl

from workbench.domain.tables import PolarsType, Table, table

UTC = pl.Datetime("us", "UTC")
U32 = pl.UInt32
TEXT = pl.String

_Columns = dict[str, tuple[PolarsType, str]]

_PLACE: _Columns = {
    "loaded_from": (TEXT, "what the user named: a path or an address, redacted"),
    "origin_path": (TEXT, "file it was read from"),
    "origin_line": (U32, "line, or row, in that file"),
}
_ENDS: _Columns = {
    "state": (TEXT, "state as Airflow holds it: failed, up_for_retry, skipped, queued, ..."),
    "operator": (TEXT, "class of the operator"),
    "hostname": (TEXT, "worker it ran on"),
    "queue": (TEXT, ""),
    "pool": (TEXT, ""),
    "max_tries": (pl.Int32, "retries that the task is given"),
    "queued_utc": (UTC, "when it was queued; null when no source says"),
    "started_utc": (UTC, "when the try started"),
    "ended_utc": (UTC, "when it ended"),
}

_TRY: _Columns = {
    "failure_id": (
        TEXT,
        "given id; of a try that is named in full a digest of its names, wherever it was seen; "
        "else a digest of where it came from",
    ),
    "case_id": (TEXT, "its case; null when loaded alone"),
    "airflow_version": (TEXT, "if known"),
    "log_format": (TEXT, "airflow2-text, airflow3-json, mixed, listener, text; none without a log"),
    "dag_id": (TEXT, ""),
    "run_id": (TEXT, ""),
    "task_id": (TEXT, ""),
    "map_index": (pl.Int32, "-1 when not mapped"),
    "try_number": (U32, ""),
    "at_utc": (UTC, "time of the failure line; of a try without one, when it ended"),
    "exception": (TEXT, "last name part of the exception's type; null when there is none"),
    "message": (TEXT, "redacted message of the exception, or the failure line"),
    "template": (TEXT, "exception and message with variable parts masked"),
    "text": (TEXT, "redacted log text; empty when no source holds one"),
    "origin_path": (TEXT, "file that text and message were read from"),
    "origin_line": (U32, "line of the failure in that file"),
    "extra": (TEXT, "other fields as JSON, redacted; may influence nothing"),
    "kind": (
        TEXT,
        "task, killed, set-from-outside, heartbeat-lost, skipped-by-timeout, stuck, import-error",
    ),
    "source": (
        TEXT,
        "where text and message come from: log, listener, scheduler, rest, database, given",
    ),
    "site": (TEXT, "name of the Airflow installation, where several are told apart; else null"),
    "try_key": (
        TEXT,
        "digest of site, major version, dag, run, task, map index and try; null when not all known",
    ),
    "raw": (TEXT, "redacted lines as they were written, where text is a rendering; else null"),
    **_ENDS,
    "loaded_from": _PLACE["loaded_from"],
    "sightings": (U32, "how many records told of this try"),
    "sources": (TEXT, "the sources that told of it, sorted, joined by comma"),
}

FAILURES = table("failures", _TRY, key=("case_id", "failure_id"))
FAILURE_SIGHTINGS = table("failure_sightings", _TRY)
"""What each source said of a try, for the tries that more than one record tells of."""

TASK_TRIES = table(
    "task_tries",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "site": (TEXT, "name of the Airflow installation; null when there is one"),
        "dag_id": (TEXT, ""),
        "run_id": (TEXT, ""),
        "task_id": (TEXT, ""),
        "map_index": (pl.Int32, "-1 when not mapped"),
        "try_number": (U32, "0 before the first"),
        **_ENDS,
        "scheduled_utc": (UTC, "when the scheduler found it ready"),
        "airflow_version": (TEXT, "if known; else its first part"),
        **_PLACE,
    },
    key=("case_id", "site", "dag_id", "run_id", "task_id", "map_index", "try_number"),
)
DAG_RUNS = table(
    "dag_runs",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "site": (TEXT, "name of the Airflow installation; null when there is one"),
        "dag_id": (TEXT, ""),
        "run_id": (TEXT, ""),
        "run_type": (TEXT, "scheduled, manual, backfill, ..."),
        "state": (TEXT, "running, success, failed, ..."),
        "logical_utc": (UTC, "logical date, of 2.x the execution date; null in 3.x without one"),
        "queued_utc": (UTC, ""),
        "started_utc": (UTC, ""),
        "ended_utc": (UTC, ""),
        **_PLACE,
    },
    key=("case_id", "site", "dag_id", "run_id"),
)
TASK_DEPENDENCIES = table(
    "task_dependencies",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "site": (TEXT, "name of the Airflow installation; null when there is one"),
        "dag_id": (TEXT, ""),
        "task_id": (TEXT, "a task"),
        "downstream_task_id": (TEXT, "a task that waits for it; empty when none does"),
        "operator": (TEXT, "class of the task's operator"),
        "trigger_rule": (TEXT, "all_success, ..."),
        **_PLACE,
    },
    key=("case_id", "site", "dag_id", "task_id", "downstream_task_id"),
)
TASK_EVENTS = table(
    "task_events",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "site": (TEXT, "name of the Airflow installation; null when there is one"),
        "event_id": (TEXT, "as the source numbers it"),
        "at_utc": (UTC, "when"),
        "event": (
            TEXT,
            "failed, heartbeat timeout, state mismatch, patch_task_instance, ...",
        ),
        "dag_id": (TEXT, "null for an event about no DAG"),
        "run_id": (TEXT, ""),
        "task_id": (TEXT, ""),
        "map_index": (pl.Int32, ""),
        "try_number": (U32, ""),
        "owner": (TEXT, "who did it, redacted"),
        "text": (TEXT, "what else is said, redacted"),
        **_PLACE,
    },
    key=("case_id", "site", "loaded_from", "event_id"),
)
MEMORY_ENTRIES = table(
    "memory_entries",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "service": (TEXT, "heading that the entry stands under"),
        "error": (TEXT, "text of the error, redacted"),
        "root_cause": (TEXT, "what it came from, redacted"),
        "decision": (TEXT, "as written: RERUN, NO_RERUN"),
        "source": (TEXT, "as written: human, auto, ..."),
        "support": (U32, "how many cases it rests on; null when not said"),
        "success_rate": (pl.Float64, "share of these that held, in [0, 1]; null when not said"),
        "extra": (TEXT, "other keys as JSON, redacted"),
        **_PLACE,
    },
    key=("case_id", "service", "error", "source"),
)

FAILURE_TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        FAILURES,
        FAILURE_SIGHTINGS,
        TASK_TRIES,
        DAG_RUNS,
        TASK_DEPENDENCIES,
        TASK_EVENTS,
        MEMORY_ENTRIES,
    )
}
"""Every table that a load of failures may write."""
