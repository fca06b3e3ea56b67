"""Verifies findings: for each the use that fares worst, what it runs into, and the way there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate

import polars as pl

from workbench.analysis.history.challenge_reverts import restores
from workbench.analysis.history.impact import INHERITING, hangs_on
from workbench.analysis.history.trace import chain
from workbench.analysis.history.trace_calls import HotCalls
from workbench.analysis.history.trace_reexports import Reexports
from workbench.analysis.history.verify_bases import standing_classes
from workbench.analysis.history.verify_calls import arguments
from workbench.analysis.history.verify_costs import (
    LOAD,
    asks_what_it_can,
    behaviour,
    hot_path_of,
    slow,
)
from workbench.analysis.history.verify_evidence import Changes, Row, SourceOf, Texts
from workbench.analysis.history.verify_lifecycle import unconcerned
from workbench.analysis.history.verify_names import abstract, missing
from workbench.analysis.history.verify_overrides import overriding
from workbench.analysis.history.verify_signatures import whole_signatures
from workbench.analysis.history.verify_strings import in_quotes, unmatched
from workbench.analysis.history.verify_values import before_init, may_be_none, other_literal
from workbench.analysis.history.verify_verdicts import Evidence, Use, Verdict
from workbench.domain.findings import FINDINGS, Outcome
from workbench.domain.histories import History
from workbench.domain.history import Severity
from workbench.domain.patterns import HotPath, Pattern

SIGNATURE = "signature"
"""Tag of patterns whose hits are parameters alone: a call that fits has nothing to fear."""
LIFECYCLE = "lifecycle"
"""Tag of patterns about how a class comes to be: who only imports it has nothing to fear."""
NEVER_RUN = "type-checking"
RESTORED = Verdict(
    outcome=Outcome.FITS, relation="takes back what no release had, so what was released is back"
)
Check = Callable[[Use, Evidence], Verdict | None]
CHECKS: tuple[Check, ...] = (
    missing,
    abstract,
    overriding,
    arguments,
    before_init,
    may_be_none,
    other_literal,
    slow,
)


def verify(
    findings: pl.DataFrame,
    call_sites: pl.DataFrame,
    *,
    patterns: Iterable[Pattern],
    history: History,
    past: History | None = None,
    aliases: pl.DataFrame | None = None,
    strings: pl.DataFrame | None = None,
    hot_paths: Sequence[HotPath] = (),
    hot: pl.DataFrame | None = None,
    source_of: SourceOf | None = None,
) -> tuple[pl.DataFrame, Evidence]:
    """Fill ``outcome, verified, why_not`` and ``trace``.

    Parameters
    ----------
    findings : polars.DataFrame
        As :func:`workbench.analysis.history.impact.impact` gives them.
    call_sites : polars.DataFrame
        The call sites they were made from: which methods are overridden, and in which classes.
    patterns : iterable of Pattern
        The patterns that hit: how they hurt decides what a use runs into.
    history : History
        Its deltas say what the commits did, its hunks what lines read.
    past : History, optional
        A history that begins earlier: it knows on which lines names are re-exported.
    aliases : polars.DataFrame, optional
        ``sha, name, alias``, as :func:`workbench.analysis.history.reexports.aliases` gives them.
    strings : polars.DataFrame, optional
        As :data:`workbench.analysis.history.string_names.STRING_NAMES` declares.
    hot_paths : sequence of HotPath
        Entry points that run often.
    hot : polars.DataFrame, optional
        As :data:`workbench.analysis.history.hot_reach.HOT_NAMES` declares.
    source_of : callable, optional
        Downstream, path and date -> the text of the file as it stood then.

    Returns
    -------
    polars.DataFrame
        The findings.
    Evidence
        What the verdicts lean on; the challenge leans on it, too.
    """
    kinds = {pattern.id: pattern for pattern in patterns}
    living = [pattern.id for pattern in kinds.values() if LIFECYCLE in pattern.tags]
    known = Evidence(
        changes=Changes(findings, history, aliases=aliases),
        texts=Texts(source_of),
        patterns=kinds,
        hot_paths=tuple(hot_paths),
        overrides=frozenset(
            call_sites.filter(kind="override").select("downstream", "target").iter_rows()
        ),
        spelled=_spelled(aliases, strings),
        signatures=whole_signatures(findings, history),
        classes=standing_classes(findings.filter(pl.col("pattern").is_in(living)), history),
        strings={}
        if strings is None
        else {(r["sha"], r["name"], r["alias"]): r for r in strings.iter_rows(named=True)},
        hot={} if hot is None else {(r["sha"], r["name"]): r for r in hot.iter_rows(named=True)},
    )
    dates = dict(history.commits.select("sha", "committed_utc").iter_rows())
    rows = findings.to_dicts()
    restored = restores(findings, past or history)
    verdicts = [
        RESTORED if row["sha"] in restored else _verdict(row, known, dates[row["sha"]])
        for row in rows
    ]
    hops = Reexports(verdicts, past or history, known.spelled)
    asked = {(row["sha"], row["qualname"]) for row in rows}
    calls = HotCalls([r for key, r in known.hot.items() if key in asked], past or history)
    heads = _heads(call_sites)
    filled: dict[str, Sequence[object]] = {
        "outcome": [str(v.outcome) for v in verdicts],
        "verified": [v.verified for v in verdicts],
        "why_not": [v.why_not for v in verdicts],
        "trace": [
            chain(r, v, known, hops, calls, heads) for r, v in zip(rows, verdicts, strict=True)
        ],
    }
    columns = [pl.Series(n, list(v), FINDINGS.columns[n].dtype) for n, v in filled.items()]
    return FINDINGS.check(findings.with_columns(columns)), known


def uses_of(row: Row, known: Evidence, at: datetime) -> Iterator[Use]:
    """Every call site of a finding with each changed name that it uses."""
    sites = row["call_sites"]
    run = [site for site in sites if site["guard"] != NEVER_RUN]
    for site in run or sites:
        target = site["target"]
        for name in dict.fromkeys([*row["names"], row["qualname"]]):
            for written in (name, *known.spelled.get((row["sha"], name), ())):
                if hangs_on(target, written):
                    rest = target[len(written) :]
                    yield Use(finding=row, site=site, name=name, written=written, rest=rest, at=at)
                elif site["kind"] in INHERITING and target == written.rpartition(".")[0]:
                    yield Use(
                        finding=row, site=site, name=name, written=written, inherits=True, at=at
                    )


def _verdict(row: Row, known: Evidence, at: datetime) -> Verdict:
    if row["kind"] == "everyone":
        return _for_everyone(row, known)
    every = [_use_verdict(use, known) for use in uses_of(row, known, at)]
    if not every:
        why = "more names changed than are kept, and the one that is used is not among them"
        return Verdict(outcome=Outcome.NOT_VERIFIED, relation="uses what changed", why_not=why)
    # Who asks for the member itself is asked, not the class or the module around it.
    mild = (Outcome.NOT_VERIFIED, Outcome.FITS)
    asked = {f"{name}." for v in every if v.use for name in _above(v.use.full)}
    direct = [
        v
        for v in every
        if v.use and not (v.outcome in mild and (v.use.inherits or f"{v.use.full}." in asked))
    ]
    return min(direct or every, key=lambda v: v.rank)


def _above(name: str) -> tuple[str, ...]:
    return tuple(accumulate(name.split(".")[:-1], lambda a, b: f"{a}.{b}"))


def _use_verdict(use: Use, known: Evidence) -> Verdict:
    if in_quotes(use):
        return unmatched(use, known) or behaviour(use, known)
    made = [verdict for check in CHECKS if (verdict := check(use, known)) is not None]
    pattern = known.patterns.get(use.finding["pattern"])
    if pattern is None or SIGNATURE not in pattern.tags:
        # who changed more than parameters may hurt a call that fits
        fits = Outcome.FITS
        made = [v for v in made if v.outcome is not fits or v.settled or use.inherits]
    elif not made and (use.rest or use.kind not in ("call", "override")):
        made = [Verdict(outcome=Outcome.FITS, relation="names it and does not call it", use=use)]
    if not made and pattern and LIFECYCLE in pattern.tags and unconcerned(use, known):
        relation = "asks neither for what changed nor for how the class comes to be"
        made = [Verdict(outcome=Outcome.FITS, relation=relation, use=use)]
    worst = min(made, key=lambda v: v.rank) if made else behaviour(use, known)
    believed = use.finding["severity"] == Severity.LOW
    if believed and worst.outcome is Outcome.MISSING_NAME:
        why = "the pattern sees something that still answers for the name"
        return Verdict(outcome=Outcome.NOT_VERIFIED, relation=worst.relation, why_not=why, use=use)
    return worst


def _for_everyone(row: Row, known: Evidence) -> Verdict:
    """What stands on a hot path is run by every installation; its cost can be told."""
    if asks_what_it_can(row, known):
        relation = "a check of what an object is or can do went, which spared no work"
        return Verdict(outcome=Outcome.FITS, relation=relation)
    hot = hot_path_of(row, known)
    pattern = known.patterns.get(row["pattern"])
    if hot is not None and pattern is not None and pattern.failure_mode == "slow":
        return Verdict(outcome=Outcome.SLOW, relation=LOAD.told(hot))
    why = "no downstream line shows what happens"
    return Verdict(outcome=Outcome.NOT_VERIFIED, relation="concerns everyone", why_not=why)


def _spelled(*frames: pl.DataFrame | None) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for frame in frames:
        if frame is not None:
            for sha, name, alias in frame.select("sha", "name", "alias").iter_rows():
                found.setdefault((sha, name), []).append(alias)
    return found


def _heads(call_sites: pl.DataFrame) -> dict[tuple[str, str, str], Row]:
    """The line of each downstream class that inherits from upstream, by its scope."""
    rows = call_sites.filter(kind="subclass").sort("downstream", "path", "line", "target")
    return {
        (row["downstream"], row["path"], row["scope"]): row for row in rows.iter_rows(named=True)
    }
