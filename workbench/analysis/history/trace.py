"""The way of a finding, line by line: the change, what passes it on, the use that notices."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.analysis.history.trace_calls import HotCalls
from workbench.analysis.history.trace_reexports import Reexports
from workbench.analysis.history.verify_costs import hot_path_of
from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_names import MISSING_NAME
from workbench.analysis.history.verify_verdicts import Evidence, Step, Use, Verdict
from workbench.domain.findings import Outcome


def chain(
    row: Row,
    verdict: Verdict,
    known: Evidence,
    reexports: Reexports,
    calls: HotCalls,
    heads: Mapping[tuple[str, str, str], Row],
) -> list[Step]:
    """The steps from the changed line to the line that notices.

    Parameters
    ----------
    row : mapping
        The finding.
    verdict : Verdict
        What its worst use runs into.
    known : Evidence
        What lines read.
    reexports : Reexports
        Where upstream hands names on.
    calls : HotCalls
        By which calls a hot path leads to a function.
    heads : mapping
        Downstream, path and scope -> the line of the class that inherits.
    """
    # a line that the commit did not touch cannot be read here, so it is no hop
    steps = [_change(row, known), *(step for step in verdict.steps if step["text"])]
    way = known.hot.get((row["sha"], row["qualname"]))
    if way is not None and (verdict.use is None or verdict.outcome is Outcome.SLOW):
        steps += calls.above(way)
    if verdict.use is None:
        return _once(steps)
    use = verdict.use
    steps += [step for step in reexports.between(use) if step["text"]]
    if (head := _head(use, heads)) is not None:
        steps.append(_downstream(head, "inherits", known.texts.line(head, use.at)))
    steps.append(_notices(use, verdict, known))
    return _once(steps)


def _change(row: Row, known: Evidence) -> Step:
    pattern = known.patterns.get(row["pattern"])
    hot = hot_path_of(row, known) if row["kind"] == "everyone" else None
    if hot is not None:
        relation = f"runs on a hot path: {hot.multiplicity}, {hot.why}"
    elif row["kind"] == "deprecated":
        relation = "moves the name and leaves the old one working"
    elif pattern is not None and MISSING_NAME in pattern.tags:
        relation = "takes the name away"
    else:
        relation = "changes what the name does"
    text = known.changes.text(row["sha"], row["path"], row["line"], side=row["side"])
    return {
        "path": row["path"],
        "line": row["line"],
        "relation": relation,
        "text": text or row["message"],
        "where": "upstream",
    }


def _head(use: Use, heads: Mapping[tuple[str, str, str], Row]) -> Row | None:
    """The class around an override, or around a use of what it inherits."""
    if use.kind == "subclass":
        return None
    scope = str(use.site["scope"] or "").rpartition(".")[0]
    return heads.get((use.site["downstream"], use.site["path"], scope))


def _notices(use: Use, verdict: Verdict, known: Evidence) -> Step:
    line = verdict.line or use.site["line"]
    return _downstream(
        {**use.site, "line": line},
        verdict.relation,
        known.texts.line({**use.site, "line": line}, use.at),
    )


def _downstream(site: Row, relation: str, text: str) -> Step:
    return {
        "path": site["path"],
        "line": site["line"],
        "relation": relation,
        "text": text,
        "where": "downstream",
    }


def _once(steps: list[Step]) -> list[Step]:
    """Steps without those that say again what a line reads; the two versions have lines of both."""
    kept: dict[tuple[object, ...], Step] = {}
    for step in steps:
        kept.setdefault(tuple(step[key] for key in ("where", "path", "line", "text")), step)
    return list(kept.values())
