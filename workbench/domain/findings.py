"""Columns of findings: a hit that reaches call sites or a hot path, and the way it takes."""

from __future__ import annotations

import polars as pl

from workbench.domain.tables import Table, table

CALL_SITE = pl.Struct(
    {
        "downstream": pl.String,
        "path": pl.String,
        "line": pl.UInt32,
        "expression": pl.String,
        "target": pl.String,
    }
)
TRACE_STEP = pl.Struct(
    {
        "path": pl.String,
        "line": pl.UInt32,
        "relation": pl.String,
        "text": pl.String,
        "where": pl.String,
    }
)
FINDINGS: Table = table(
    "findings",
    {
        "sha": (pl.String, "upstream commit"),
        "path": (pl.String, "upstream file of the worst hit"),
        "line": (pl.UInt32, "line of that hit on `side`"),
        "side": (pl.String, "before or after"),
        "pattern": (pl.String, "pattern id"),
        "stage": (pl.String, "lifecycle stage of the pattern"),
        "severity": (pl.String, "worst of its hits"),
        "qualname": (pl.String, "dotted name that the worst hit stands in"),
        "names": (pl.List(pl.String), "changed symbols that are reached, dotted, at most five"),
        "kind": (pl.String, "break, deprecated (still works), everyone (no downstream, hot path)"),
        "downstream": (pl.String, "who is reached; null for everyone"),
        "call_sites": (pl.List(CALL_SITE), "places that use what changed, sorted"),
        "trace": (pl.List(TRACE_STEP), "the way from the change to the first call site"),
        "message": (pl.String, "message of the worst hit"),
    },
    key=("sha", "pattern", "downstream"),
)
