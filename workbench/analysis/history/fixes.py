"""What to do about a finding: a patch where a machine can write it, upstream's fix, or advice."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from workbench.analysis.dag_rules.patches import unified
from workbench.analysis.history.challenge_reverts import repairs
from workbench.analysis.history.fixes_drafts import issue_draft
from workbench.analysis.history.fixes_patches import Keyword, Literal, Moved, Repair, repaired
from workbench.analysis.history.verify import uses_of
from workbench.analysis.history.verify_verdicts import Evidence, Use
from workbench.domain.findings import FINDINGS, Outcome
from workbench.domain.histories import History

Row = Mapping[str, Any]
ABOUT_NAMES = (Outcome.MISSING_NAME, Outcome.STILL_WORKS)
ADVICE = {
    Outcome.MISSING_NAME: "Import it from where it is now, or do without it",
    Outcome.STILL_WORKS: "Use the new place before the old name goes",
    Outcome.ARITY: "Call it with the parameters it takes now",
    Outcome.KEYWORD: "Leave the keyword out, or pass it by its new name",
    Outcome.NEVER_CALLED: "Override the method that is called instead",
    Outcome.ABSTRACT: "Define the method",
    Outcome.NONE: "Check for None before the use",
    Outcome.STRING: "Compare with the new value, and with the old one while both are in use",
    Outcome.BEFORE_INIT: "Read it only after what initialises it has run",
    Outcome.SLOW: "Measure the loop at your scale before you upgrade",
    Outcome.BEHAVIOUR: "Check what the new behaviour means for this use",
}


def fixes(findings: pl.DataFrame, known: Evidence, *, history: History) -> pl.DataFrame:
    """Fill ``fix``, and ``issue_draft`` for what concerns everyone.

    Parameters
    ----------
    findings : polars.DataFrame
        Verified and challenged ones.
    known : Evidence
        What the verdicts leaned on; with the downstream's texts there are patches.
    history : History
        All that is known: a later commit that says which one it repairs is upstream's own fix.
    """
    repaired_by = repairs(findings, history)
    dates = dict(history.commits.select("sha", "committed_utc").iter_rows())
    rows = []
    for row in findings.to_dicts():
        own = repaired_by.get((row["sha"], row["path"]))
        draft = issue_draft(row, known) if row["kind"] == "everyone" else None
        rows.append({**row, "fix": _fix(row, known, dates[row["sha"]], own), "issue_draft": draft})
    return FINDINGS.check(pl.DataFrame(rows, schema=FINDINGS.schema, orient="row"))


def _fix(row: Row, known: Evidence, at: datetime, own: Row | None) -> dict[str, object] | None:
    upstream_sha = own["sha"] if own is not None else None
    said = f"Upstream repairs it in {own['sha'][:12]}: {own['subject']}" if own is not None else ""
    patch, path, text = _patch(row, known, at)
    if patch is not None:
        text = f"{text} {said}".strip()
        kind = "patch"
    elif own is not None:
        kind, text, path = "upstream", said, None
    else:
        kind, text = "advice", _advice(row, known, at)
        notices = [step for step in row["trace"] if step["where"] == "downstream"]
        path = notices[-1]["path"] if notices else None
        if not text:
            return None
    return {"kind": kind, "text": text, "patch": patch, "path": path, "upstream_sha": upstream_sha}


def _advice(row: Row, known: Evidence, at: datetime) -> str:
    said = ADVICE.get(Outcome(row["outcome"]), "")
    now = sorted({m.now for u in uses_of(row, known, at) if (m := _move(u, known))})
    if Outcome(row["outcome"]) in ABOUT_NAMES and now:
        return f"Import {', '.join(now)} instead."
    pattern = known.patterns.get(row["pattern"])
    return f"{said}." if said else " ".join((pattern.advice if pattern else "").split())


def _patch(row: Row, known: Evidence, at: datetime) -> tuple[str | None, str | None, str]:
    """The difference over all files, the first of them, and in words what it does."""
    if known.texts.source_of is None or row["downstream"] is None:
        return None, None, ""
    wanted: dict[str, dict[Repair, None]] = {}
    for use in uses_of(row, known, at):
        for repair in _repairs(use, row, known):
            wanted.setdefault(use.site["path"], {})[repair] = None
    parts: list[tuple[str, str]] = []
    told: dict[str, None] = {}
    for path in sorted(wanted):
        text = known.texts.text(row["downstream"], path, at)
        made = repaired(text, wanted[path]) if text is not None else None
        if text is None or made is None or made == text:
            continue
        parts.append((path, unified(path, text, made)))
        told.update(dict.fromkeys(_words(repair) for repair in wanted[path]))
    if not parts:
        return None, None, ""
    return "".join(part for _, part in parts), parts[0][0], f"{'; '.join(told)}."


def _repairs(use: Use, row: Row, known: Evidence) -> Iterator[Repair]:
    outcome = Outcome(row["outcome"])
    if outcome in ABOUT_NAMES and use.kind == "import" and use.site["guard"] == "none":
        if (moved := _move(use, known)) is not None:
            yield moved
    elif outcome is Outcome.KEYWORD and use.kind == "call":
        yield from _keywords(use, known)
    elif outcome is Outcome.STRING:
        for name in (use.name, use.full):
            for delta in known.changes.of(use.sha, name, "literals"):
                old, new = (_text(delta[side]) for side in ("before", "after"))
                if old is not None and new is not None and old != new:
                    yield Literal(old=old, new=new)


def _move(use: Use, known: Evidence) -> Moved | None:
    """Where the name that a site imports is now."""
    target, full = str(use.site["target"]), use.full
    places = [
        str((row["after"] or {}).get("target"))
        for offered in (full, use.written + use.rest)
        for row in known.changes.of(use.sha, offered, "exports")
        if row["now"] == offered and row["change"] != "removed"
    ]
    places += [
        str(row["now"])
        for family in ("definitions", "exports")
        for row in known.changes.of(use.sha, full, family)
        if row["was"] == full and row["now"]
    ]
    for now in places:
        private = any(part.startswith("_") for part in now.split(".")[:-1])
        # another package's sources may be installed under another name
        same = now.partition(".")[0] == full.partition(".")[0]
        if now not in (full, target) and same and not private:
            return Moved(spelled=target, now=now)
    return None


def _keywords(use: Use, known: Evidence) -> Iterator[Keyword]:
    rows = [
        row
        for row in known.changes.of(use.sha, use.full, "parameters")
        if row["scope_change"] not in ("added", "removed")
    ]
    added = {r["after"]["position"]: r["after"]["name"] for r in rows if r["before"] is None}
    head = str(use.site["expression"]).partition("(")[0].rpartition(".")[2].strip()
    for row in rows:
        if row["after"] is None:
            old = row["before"]
            new = added.get(old["position"])
            lines = frozenset({int(use.site["line"])})
            yield Keyword(lines=lines, function=head, old=old["name"], new=new)


def _text(fact: Row | None) -> str | None:
    try:
        value = ast.literal_eval(fact["value"]) if fact is not None else None
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None


def _words(repair: Repair) -> str:
    if isinstance(repair, Moved):
        return f"Import {repair.now} instead of {repair.spelled}"
    if isinstance(repair, Literal):
        return f"Write {repair.new} instead of {repair.old}"
    if repair.new is None:
        return f"Leave out {repair.old}"
    return f"Pass {repair.new} instead of {repair.old}"
