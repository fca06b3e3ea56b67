"""Columns of findings: a hit that reaches call sites or a hot path, and what is known of it."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from workbench.domain.tables import Table, table


class Outcome(StrEnum):
    """What a finding runs into at run time."""

    MISSING_NAME = "missing-name"
    """The name is gone: ImportError or AttributeError."""
    ARITY = "arity-mismatch"
    """The call gives too few or too many arguments: TypeError."""
    KEYWORD = "keyword-mismatch"
    """A keyword is no longer taken, or is passed to an override that does not take it."""
    NEVER_CALLED = "override-never-called"
    """Nobody calls the overridden method any more: its code never runs, without an error."""
    ABSTRACT = "abstract-method-missing"
    """A method became abstract and is not defined: the class cannot be instantiated."""
    NONE = "none-unguarded"
    """The value may be None now and is used as if it never were."""
    STRING = "string-no-match"
    """A literal has another value now; the old one matches nothing."""
    BEFORE_INIT = "attribute-before-init"
    """An attribute raises until something initialises it, and is read before."""
    SLOW = "slow"
    """It costs more on a path that runs often."""
    BEHAVIOUR = "behaviour"
    """It runs, and does something else."""
    NOT_VERIFIED = "not-verified"
    """What happens cannot be shown; ``why_not`` says why."""
    STILL_WORKS = "still-works"
    """The old name leads to the new place."""
    FITS = "fits"
    """The call fits the new parameters, or the override takes what is passed."""


CALL_SITE = pl.Struct(
    {
        "downstream": pl.String,
        "path": pl.String,
        "line": pl.UInt32,
        "expression": pl.String,
        "target": pl.String,
        "kind": pl.String,
        "scope": pl.String,
        "guard": pl.String,
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
REASON = pl.Struct(
    {
        "argument": pl.String,
        "direction": pl.String,
        "path": pl.String,
        "line": pl.UInt32,
        "text": pl.String,
        "where": pl.String,
    }
)
REVIEW = pl.Struct(
    {
        "verdict": pl.String,
        "from": pl.String,
        "to": pl.String,
        "reasons": pl.List(REASON),
    }
)
FIX = pl.Struct(
    {
        "kind": pl.String,
        "text": pl.String,
        "patch": pl.String,
        "path": pl.String,
        "upstream_sha": pl.String,
    }
)
SCALE_CARD = pl.Struct(
    {
        "multiplicity": pl.String,
        "calls_per_loop": pl.Float64,
        "queries": pl.List(pl.String),
        "index": pl.String,
        "rows": pl.Int64,
        "query_ms": pl.Float64,
        "loop_seconds": pl.Float64,
        "budget_ms": pl.Float64,
        "cost_source": pl.String,
        "verdict": pl.String,
        "unanswered": pl.List(pl.String),
        "says": pl.String,
    }
)
ISSUE_DRAFT = pl.Struct({"title": pl.String, "body": pl.String})
FINDINGS: Table = table(
    "findings",
    {
        "sha": (pl.String, "upstream commit"),
        "path": (pl.String, "upstream file of the worst hit"),
        "line": (pl.UInt32, "line of that hit on `side`"),
        "side": (pl.String, "before or after"),
        "pattern": (pl.String, "pattern id"),
        "stage": (pl.String, "lifecycle stage of the pattern"),
        "severity": (pl.String, "worst of its hits; after the challenge, what it came to"),
        "qualname": (pl.String, "dotted name that the worst hit stands in"),
        "names": (pl.List(pl.String), "changed symbols that are reached, dotted, at most five"),
        "kind": (pl.String, "break, deprecated (still works), everyone (no downstream, hot path)"),
        "downstream": (pl.String, "who is reached; null for everyone"),
        "call_sites": (pl.List(CALL_SITE), "places that use what changed, sorted"),
        "trace": (pl.List(TRACE_STEP), "the way from the change to the first call site"),
        "message": (pl.String, "message of the worst hit"),
        "also": (pl.List(pl.String), "patterns that hit the same symbols, sorted; folded in here"),
        "outcome": (pl.String, "what happens at run time, one of Outcome"),
        "verified": (pl.Boolean, "whether the outcome was shown, not assumed"),
        "why_not": (pl.String, "why it could not be shown; null when it was"),
        "scale_card": (
            SCALE_CARD,
            "what it costs a loop, or which question is open; null off paths",
        ),
        "review": (REVIEW, "what the challenge said; null before it"),
        "fix": (FIX, "patch, advice or upstream's own fix; null where there is none"),
        "issue_draft": (ISSUE_DRAFT, "an issue for the upstream, where it concerns everyone"),
    },
    key=("sha", "pattern", "downstream"),
)
