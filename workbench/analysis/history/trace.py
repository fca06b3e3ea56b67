"""Traces a finding in one step: from the changed line upstream to the line that notices it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from workbench.analysis.history.hot_path_names import on_hot_path
from workbench.analysis.history.impact import GUARDED
from workbench.domain.findings import FINDINGS
from workbench.domain.histories import History
from workbench.domain.patterns import FailureMode, HotPath, Pattern

# The tag of patterns whose hits are names that can no longer be imported or looked up.
MISSING_NAME = "missing-name"
# By kind of call site, the one that notices first before the others.
DOES = {
    "import": "imports",
    "subclass": "inherits from",
    "override": "overrides",
    "call": "calls",
    "attribute": "reads",
}
# A subclass of the class that holds the name may never ask for it: it is told last.
INHERITS = "inherits"
GONE = {
    INHERITS: "inherits from the class that lost it: AttributeError when it is asked for",
    "import": "imports a name that is gone: ImportError at import time",
    "subclass": "inherits from a class that is gone: AttributeError at import time",
    "override": "overrides a method that is gone: nobody calls it any more",
    "call": "calls a name that is gone: AttributeError when the line runs",
    "attribute": "reads a name that is gone: AttributeError when the line runs",
}
FOLLOWS = {
    FailureMode.CRASH: "it may raise where it did not",
    FailureMode.SILENT_DROP: "it may do nothing any more, without an error",
    FailureMode.SLOW: "it may work more often or for longer",
    FailureMode.WRONG_DATA: "it may work on what another call left behind",
}

Step = dict[str, object]
Row = Mapping[str, Any]


def trace(
    findings: pl.DataFrame,
    call_sites: pl.DataFrame,
    *,
    patterns: Iterable[Pattern],
    history: History,
    hot_paths: Sequence[HotPath] = (),
) -> pl.DataFrame:
    """Fill ``trace``: the line upstream, and the first line downstream that notices.

    Parameters
    ----------
    findings : polars.DataFrame
        As :func:`workbench.analysis.history.impact.impact` gives them.
    call_sites : polars.DataFrame
        The call sites they were made from: they say what kind of use each one is.
    patterns : iterable of Pattern
        The patterns that hit: how they hurt decides what a use runs into.
    history : History
        Its hunks say what the changed line reads.
    hot_paths : sequence of HotPath
        Why a finding for everyone concerns everyone.
    """
    known = {pattern.id: pattern for pattern in patterns}
    places = call_sites.select("downstream", "path", "line", "target").rows()
    kinds = dict(zip(places, call_sites["kind"], strict=True))
    guards = dict(zip(places, call_sites["guard"], strict=True))
    texts = _changed_lines(findings, history)
    whys = _whys(findings, hot_paths)
    traces = [
        [
            _upstream(row, known, texts.get(at), whys.get(at), guarded=_guarded(row, guards)),
            *_downstream(row, known, kinds, guarded=_guarded(row, guards)),
        ]
        for at, row in enumerate(findings.iter_rows(named=True))
    ]
    filled = pl.Series("trace", traces, dtype=FINDINGS.columns["trace"].dtype)
    return FINDINGS.check(findings.with_columns(filled))


def _gone(row: Row, known: Mapping[str, Pattern]) -> bool:
    """Whether the changed name itself is no longer there: its pattern is about such names."""
    pattern = known.get(row["pattern"])
    return pattern is not None and MISSING_NAME in pattern.tags


def _guarded(row: Row, guards: Mapping[tuple[object, ...], str | None]) -> bool:
    """Whether each use has another way to go when the name is not there."""
    found = [
        guards.get((site["downstream"], site["path"], site["line"], site["target"]))
        for site in row["call_sites"]
    ]
    return bool(found) and all(guard in GUARDED for guard in found)


def _upstream(
    row: Row, known: Mapping[str, Pattern], text: str | None, why: str | None, *, guarded: bool
) -> Step:
    if why is not None:
        relation = f"runs on a hot path: {why}"
    elif row["kind"] == "deprecated" and not guarded:
        relation = "moves the name and leaves the old one working"
    elif _gone(row, known):
        relation = "takes the name away"
    else:
        relation = "changes what the name does"
    return {
        "path": row["path"],
        "line": row["line"],
        "relation": relation,
        "text": text or row["message"],
        "where": "upstream",
    }


def _downstream(
    row: Row,
    known: Mapping[str, Pattern],
    kinds: Mapping[tuple[object, ...], str],
    *,
    guarded: bool,
) -> list[Step]:
    if not row["call_sites"]:
        return []
    order = [*DOES, INHERITS]
    uses = [(_use(site, row, kinds), site) for site in row["call_sites"]]
    use, site = min(uses, key=lambda u: (order.index(u[0]), u[1]["path"], u[1]["line"]))
    does = DOES.get(use, INHERITS)
    if guarded:
        relation = f"{does} what changed under a guard: the other way is taken when it fails"
    elif row["kind"] == "deprecated":
        relation = f"{does} a name that moved: works until the old name goes"
    elif _gone(row, known):
        relation = GONE[use]
    else:
        pattern = known.get(row["pattern"])
        follows = f": {FOLLOWS[pattern.failure_mode]}" if pattern else ""
        relation = f"{does} what changed{follows}"
    return [
        {
            "path": site["path"],
            "line": site["line"],
            "relation": relation,
            "text": site["expression"],
            "where": "downstream",
        }
    ]


def _use(site: Row, row: Row, kinds: Mapping[tuple[object, ...], str]) -> str:
    """What a call site does with the changed name; it may only inherit from who holds it."""
    key = (site["downstream"], site["path"], site["line"], site["target"])
    kind = kinds.get(key, "attribute")
    words = set(site["target"].split("."))
    named = any(name.rpartition(".")[2] in words for name in row["names"])
    if kind == "subclass" and not named:
        return INHERITS
    return kind if kind in DOES else "attribute"


def _changed_lines(findings: pl.DataFrame, history: History) -> dict[int, str]:
    """What the upstream line of each finding reads, by its row, where a hunk holds that line."""
    changes = history["file_changes"].select("change_id", "commit_id", "path")
    commits = history["commits"].select("commit_id", "sha")
    places = (
        findings.select("sha", "path", "line", "side")
        .with_row_index("at")
        .join(commits, on="sha")
        .join(changes, on=["commit_id", "path"])
        .join(history["hunks"], on="change_id")
    )
    before = pl.col("side") == "before"
    start = pl.when(before).then("old_start").otherwise("new_start").cast(pl.Int64)
    size = pl.when(before).then("old_lines").otherwise("new_lines").cast(pl.Int64)
    text = pl.when(before).then("removed").otherwise("added")
    offset = pl.col("line").cast(pl.Int64) - start
    found = places.filter((offset >= 0) & (offset < size)).select(
        "at", text=text.str.split("\n").list.get(offset, null_on_oob=True).str.strip_chars()
    )
    return {at: text for at, text in found.iter_rows() if text}


def _whys(findings: pl.DataFrame, hot_paths: Sequence[HotPath]) -> dict[int, str]:
    """How often and why a finding for everyone runs, by its row."""
    everyone = findings.with_row_index("at").filter(pl.col("kind") == "everyone")
    found: dict[int, str] = {}
    for hot in hot_paths:
        rows = everyone.filter(on_hot_path(pl.col("qualname"), [hot]))
        for at in rows["at"]:
            found.setdefault(at, f"{hot.multiplicity}, {hot.why}")
    return found
