"""Columns, types and units of every frame that crosses a floor, declared once.

Surrogate ids (``commit_id``, ``change_id``) of a history batch count from 0 until the store shifts
them. ``sha`` is 40 hex digits or ``release:A..B``; ``path`` is POSIX and relative to its
repository; ``line`` counts from 1.
"""

from __future__ import annotations

import polars as pl

from workbench.domain.facts import FACT_TABLES
from workbench.domain.failures import FAILURE_TABLES
from workbench.domain.tables import Table, table

UTC = pl.Datetime("us", "UTC")
U32 = pl.UInt32
TEXT = pl.String
TEXTS = pl.List(pl.String)

COMMITS = table(
    "commits",
    {
        "commit_id": (U32, "surrogate id"),
        "sha": (TEXT, "40 hex digits, or release:A..B"),
        "parent_sha": (TEXT, "first parent; null for a root"),
        "position": (U32, "place on the first-parent line, the root is 0"),
        "author": (TEXT, "author name as git has it"),
        "authored_utc": (UTC, "author date"),
        "committed_utc": (UTC, "committer date; the date every filter uses"),
        "subject": (TEXT, "first line of the message"),
        "message": (TEXT, "whole message as git has it"),
    },
    key=("sha",),
)
FILE_CHANGES = table(
    "file_changes",
    {
        "change_id": (U32, "surrogate id"),
        "commit_id": (U32, "its commit"),
        "status": (TEXT, "A added, M modified, D deleted, R renamed, C copied, T type changed"),
        "old_path": (TEXT, "path before; equals path unless renamed or copied"),
        "path": (TEXT, "path after; path before when deleted"),
        "old_blob": (TEXT, "git blob id before; null when added"),
        "new_blob": (TEXT, "git blob id after; null when deleted"),
        "added_lines": (U32, "lines added"),
        "removed_lines": (U32, "lines removed"),
        "is_core": (pl.Boolean, "*.py outside tests and docs"),
        "is_binary": (pl.Boolean, "git calls it binary, or it is over the size cap: no hunks"),
    },
)
HUNKS = table(
    "hunks",
    {
        "change_id": (U32, "its file change"),
        "old_start": (U32, "first line before; the line above it when nothing is removed"),
        "old_lines": (U32, "lines removed"),
        "new_start": (U32, "first line after; the line above it when nothing is added"),
        "new_lines": (U32, "lines added"),
        "removed": (TEXT, "removed lines joined by newline, no context"),
        "added": (TEXT, "added lines joined by newline, no context"),
    },
)
DOWNSTREAMS = table(
    "downstreams",
    {
        "downstream": (TEXT, "name; the folder's name unless given"),
        "location": (TEXT, "where it was read from"),
        "commit_sha": (TEXT, "its commit; null for a plain folder"),
        "committed_utc": (UTC, "date of that commit; null for a plain folder"),
        "python_files": (U32, "Python files read"),
    },
    key=("downstream",),
)
DOWNSTREAM_IMPORTS = table(
    "downstream_imports",
    {
        "downstream": (TEXT, "its downstream"),
        "path": (TEXT, "file that imports"),
        "line": (U32, "line of the import"),
        "module": (TEXT, "upstream module as imported, absolute"),
        "symbol": (TEXT, "imported name; null for a plain module import"),
        "alias": (TEXT, "name it is bound to"),
        "guard": (TEXT, "none, try, version-check, type-checking, in-function"),
        "coupling": (TEXT, "kind of coupling by patterns/coupling.toml; other when no rule fits"),
        "since_utc": (UTC, "first moment at which it stood there; null: always (a plain folder)"),
        "until_utc": (UTC, "first moment at which it no longer did; null: it still does"),
    },
)
CALL_SITES = table(
    "call_sites",
    {
        "downstream": (TEXT, "its downstream"),
        "path": (TEXT, "file that uses the name"),
        "line": (U32, "line of the use"),
        "target": (
            TEXT,
            "absolute dotted upstream name, attribute chain included; of config, literal, sql: "
            "config:section.option, literal:text, table:name or table:name.column",
        ),
        "kind": (
            TEXT,
            "call, attribute, subclass, override, import; string (a name in quotes), config, "
            "literal (a text compared with), sql",
        ),
        "expression": (TEXT, "the use as written, first 200 characters"),
        "scope": (
            TEXT,
            "qualname of the downstream function or class around it; empty at top level",
        ),
        "guard": (TEXT, "guard of the import that the name came through"),
        "in_tests": (pl.Boolean, "the file is a test, or support of tests"),
        "since_utc": (UTC, "first moment at which it stood there; null: always (a plain folder)"),
        "until_utc": (UTC, "first moment at which it no longer did; null: it still does"),
    },
)
TIMELINE_EVENTS = table(
    "timeline_events",
    {
        "event_id": (TEXT, "the source's own id, or a digest of the row"),
        "case_id": (TEXT, "its case; null when loaded alone"),
        "at_utc": (UTC, "when"),
        "end_utc": (UTC, "until when; null for an instant"),
        "source": (TEXT, "kubectl, pages, notes, ..."),
        "kind": (TEXT, "what it is: Unhealthy, Killing, page, note, ..."),
        "text": (TEXT, "redacted text"),
        "subject": (TEXT, "object it is about, for example a pod"),
        "value": (pl.Float64, "a number, if the event is one"),
        "unit": (TEXT, "unit of value"),
        "repeats": (U32, "how often it happened (kubectl count); 1 for a single event"),
        "precision_seconds": (pl.Float64, "how exact at_utc is in the source"),
        "origin_path": (TEXT, "file it was read from"),
        "origin_line": (U32, "line in that file"),
        "extra": (TEXT, "fields we have no column for, as JSON, redacted"),
    },
    key=("case_id", "source", "event_id"),
)
QUERY_STATS = table(
    "query_stats",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "snapshot": (TEXT, "before or after, or a name"),
        "queryid": (TEXT, "as pg_stat_statements gives it"),
        "query": (TEXT, "normalised query text, redacted"),
        "calls": (pl.Int64, "executions so far"),
        "total_exec_ms": (pl.Float64, "milliseconds so far"),
        "mean_exec_ms": (pl.Float64, "milliseconds an execution"),
        "rows": (pl.Int64, "rows returned so far"),
        "origin_path": (TEXT, "file it was read from"),
        "origin_line": (U32, "line in that file"),
        "extra": (TEXT, "other columns as JSON"),
    },
    key=("case_id", "snapshot", "queryid"),
)
LOOP_SAMPLES = table(
    "loop_samples",
    {
        "case_id": (TEXT, "its case; null when loaded alone"),
        "at_utc": (UTC, "end of the loop"),
        "seconds": (pl.Float64, "how long the scheduler loop took"),
        "origin_path": (TEXT, "file it was read from"),
        "origin_line": (U32, "line in that file"),
    },
    key=("case_id", "at_utc"),
)
CASES = table(
    "cases",
    {
        "case_id": (TEXT, "id in case.toml"),
        "title": (TEXT, ""),
        "started_utc": (UTC, ""),
        "ended_utc": (UTC, "null while it goes on"),
        "running_version": (TEXT, "upstream version that ran"),
        "deployed_utc": (UTC, "when that version was deployed"),
        "folder": (TEXT, "where the case stands"),
    },
    key=("case_id",),
)
SEGMENTS = table(
    "segments",
    {
        "segment_id": (
            pl.UInt64,
            "digest of placement and text: the same text has the same id anywhere",
        ),
        "extractor": (U32, "version of the extractor that read it"),
    },
    key=("segment_id",),
)
CHANGE_SEGMENTS = table(
    "change_segments",
    {
        "change_id": (U32, "its file change"),
        "side": (pl.UInt8, "0 the version before, 1 the version after"),
        "segment_id": (pl.UInt64, "a segment that stands on this side only"),
        "owner": (TEXT, "qualname of the class around it; empty at top level"),
        "line": (U32, "first line of the segment on this side"),
    },
)
CHANGE_FACTS = table(
    "change_facts",
    {
        "change_id": (U32, "its file change"),
        "extractor": (U32, "version of the extractor that read it"),
        "status": (TEXT, "ok, or unparsed (a side does not parse: no deltas, one rejection)"),
        "module_before": (TEXT, "dotted module of the old path; null when added"),
        "module_after": (TEXT, "dotted module of the path; null when deleted"),
    },
    key=("change_id",),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        COMMITS,
        FILE_CHANGES,
        HUNKS,
        SEGMENTS,
        CHANGE_SEGMENTS,
        CHANGE_FACTS,
        *FACT_TABLES.values(),
        DOWNSTREAMS,
        DOWNSTREAM_IMPORTS,
        CALL_SITES,
        CASES,
        TIMELINE_EVENTS,
        *FAILURE_TABLES.values(),
        QUERY_STATS,
        LOOP_SAMPLES,
    )
}

HITS = table(
    "hits",
    {
        "sha": (TEXT, ""),
        "path": (TEXT, ""),
        "line": (U32, "line on the given side"),
        "side": (TEXT, "before or after: the version that line counts in"),
        "pattern": (TEXT, "pattern id"),
        "stage": (TEXT, "lifecycle stage of the pattern"),
        "severity": (TEXT, "LOW, MEDIUM, MEDIUM-HIGH, HIGH, CRITICAL"),
        "qualname": (TEXT, "dotted, module included"),
        "names": (TEXTS, "changed symbols, dotted, at most five"),
        "message": (TEXT, "one sentence with the names in it"),
    },
)
