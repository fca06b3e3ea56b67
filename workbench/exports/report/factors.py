"""Contributing factors written from the evidence, and the follow-ups that they ask for."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.exports.report.blocks import Block, as_markdown, inline, prose, table
from workbench.exports.report.change import hit_id
from workbench.exports.report.evidence import Evidence, costliest
from workbench.exports.report.words import (
    counted,
    factor,
    milliseconds,
    minute,
    one_line,
    quantity,
    short,
)

MUCH_FASTER = 10
MUCH_OF_THE_TIME = 0.2
OPEN = "to be agreed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    words: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Factor:
    """One thing that had to be so: what is seen, why it can hurt, and where the evidence stands."""

    title: str
    seen: str
    hurts: str
    earlier: str
    evidence: tuple[_Link, ...]


def factors(evidence: Evidence) -> Block:
    """Write the contributing factors: hits that landed before the deploy, and what figures show.

    None of them is singled out: each had to coincide with the others.
    """
    found = [*_from_hits(evidence), *_from_statistics(evidence), *_from_model(evidence)]
    if not found:
        return prose(
            f"No pattern hit what landed {evidence.before}, and the figures single nothing out."
        )
    return Block(
        html="".join(_html(one) for one in found), markdown="\n".join(map(_markdown, found))
    )


def follow_ups(evidence: Evidence) -> Block:
    """Lay out the follow-ups by kind, each with the way in which it will be verified."""
    rows = []
    for pattern_id, hits in _telling(evidence).items():
        pattern = evidence.pattern[pattern_id]
        first = hits[0]
        days = (evidence.case.started_utc - first["committed_utc"]).days
        if pattern.advice:
            verified = f"{pattern_id} does not hit the next release"
            rows.append(_follow_up("prevent", one_line(pattern.advice), verified))
        rows.append(
            _follow_up(
                "detect",
                f"Run {pattern_id} ({pattern.stage}) on every new upstream commit",
                f"on this history it hits {short(first['sha'])}, "
                f"{counted(days, 'day')} before the incident",
            )
        )
    if (row := _slow_query(evidence)) is not None:
        allowed = "what a loop allows" if evidence.model is None else _allowed(evidence)
        verified = f"database statistics after the next deploy say less than {allowed}"
        fast = milliseconds(row["after_ms"])
        what = f"Make the query as fast in every deployment as in the second snapshot ({fast})"
        rows.append(_follow_up("mitigate", what, verified))
    learn = "Label the hits above as breaking or harmless"
    rows.append(_follow_up("learn", learn, "the backtest states a precision for each pattern"))
    return table(
        rows,
        name="follow-ups",
        caption="To be agreed by those who will do them",
        columns={
            "kind": "Kind",
            "what": "What",
            "owner": "Owner (a role)",
            "due": "Due",
            "verified": "Verified when",
        },
    )


def _telling(evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """Hits that tell, by pattern, oldest first."""
    made: dict[str, list[dict[str, Any]]] = {}
    for row in evidence.hits.filter("telling").to_dicts():
        made.setdefault(row["pattern"], []).append(row)
    return {pattern: made[pattern] for pattern in sorted(made)}


def _from_hits(evidence: Evidence) -> list[_Factor]:
    found = []
    for pattern_id, hits in _telling(evidence).items():
        pattern, first = evidence.pattern[pattern_id], hits[0]
        days = (evidence.case.started_utc - first["committed_utc"]).days
        found.append(
            _Factor(
                title=pattern.title,
                seen=" ".join(dict.fromkeys(hit["message"] for hit in hits)),
                hurts=one_line(pattern.describe),
                earlier=f"{pattern_id}, the day it landed: {minute(first['committed_utc'])} UTC, "
                f"{counted(days, 'day')} before the incident.",
                evidence=tuple(
                    _Link(words=f"{short(h['sha'])} {h['path']}:{h['line']}", to=hit_id(h))
                    for h in hits
                ),
            )
        )
    return found


def _slow_query(evidence: Evidence) -> dict[str, Any] | None:
    row = costliest(evidence.statistics)
    if row is None or row["ratio"] is None or row["ratio"] < MUCH_FASTER:
        return None
    return row if row["share"] >= MUCH_OF_THE_TIME else None


def _from_statistics(evidence: Evidence) -> list[_Factor]:
    row = _slow_query(evidence)
    if row is None:
        return []
    return [
        _Factor(
            title="One query was slow, and much faster was possible",
            seen=f"It took {milliseconds(row['before_ms'])} an execution, {row['calls']:,} times; "
            f"in the second snapshot it takes {milliseconds(row['after_ms'])}, "
            f"{factor(row['ratio'])} times less.",
            hurts="A query that reads far more rows than it returns costs little while it is rare "
            "and the table small.",
            earlier="Statistics of the same query on a table of this size, before the deploy.",
            evidence=(_Link(words="Database statistics", to="table-statistics"),),
        )
    ]


def _from_model(evidence: Evidence) -> list[_Factor]:
    model, limit = evidence.model, evidence.threshold_seconds
    if model is None or model.seconds() <= limit:
        return []
    return [
        _Factor(
            title="The loop multiplies what one query costs",
            seen=f"{model.n_tis:,} task instances in {model.n_dagruns:,} DAG runs make "
            f"{quantity(model.seconds())} seconds of it; {quantity(limit)} are allowed.",
            hurts="Work that is done once per task instance grows with tasks and with DAG runs; "
            "the time that the liveness probe allows does not.",
            earlier=f"A budget: at this size a query may take {_allowed(evidence)}.",
            evidence=(
                _Link(words="Loop model", to="table-scale"),
                _Link(words="Measured loops", to="scheduler-loops"),
            ),
        )
    ]


def _allowed(evidence: Evidence) -> str:
    assert evidence.model is not None
    return milliseconds(1000 * evidence.model.budget(evidence.threshold_seconds))


def _follow_up(kind: str, what: str, verified: str) -> dict[str, str]:
    return {"kind": kind, "what": what, "owner": OPEN, "due": OPEN, "verified": verified}


def _lines(one: _Factor) -> Sequence[tuple[str, str]]:
    return (
        ("What is seen", one.seen),
        ("Why it can hurt", one.hurts),
        ("Seen earlier by", one.earlier),
    )


def _html(one: _Factor) -> str:
    rows = "".join(f"<dt>{k}</dt><dd>{inline(v)}</dd>" for k, v in _lines(one))
    links = ", ".join(
        f'<a href="#{html.escape(link.to)}">{inline(link.words)}</a>' for link in one.evidence
    )
    return (
        f'<section class="wb-factor"><h3>{html.escape(one.title)}</h3>'
        f"<dl>{rows}<dt>Evidence</dt><dd>{links}</dd></dl></section>"
    )


def _markdown(one: _Factor) -> str:
    links = ", ".join(as_markdown(link.words) for link in one.evidence)
    lines = [f"- {k}: {as_markdown(v)}" for k, v in _lines(one)]
    return "\n".join([f"### {as_markdown(one.title)}", "", *lines, f"- Evidence: {links}", ""])
