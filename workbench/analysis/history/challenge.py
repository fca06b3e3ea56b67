"""The second look at a finding: argues the other side, with lines, and settles the severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from workbench.analysis.history.challenge_brief import Argument, Brief
from workbench.analysis.history.challenge_composite import companions
from workbench.analysis.history.challenge_further import Further
from workbench.analysis.history.challenge_reasons import (
    AT_LEAST_HIGH,
    DOWN_TO_LOW,
    REASONS,
    SAYS_LITTLE,
    WORKS,
)
from workbench.analysis.history.challenge_reverts import reverts
from workbench.analysis.history.unindexed import unindexed
from workbench.analysis.history.verify_verdicts import Evidence
from workbench.domain.findings import FINDINGS
from workbench.domain.histories import History
from workbench.domain.history import Severity
from workbench.domain.patterns import FailureMode

Row = Mapping[str, Any]
STEPS = tuple(Severity)


def challenge(
    findings: pl.DataFrame,
    known: Evidence,
    *,
    hits: pl.DataFrame,
    history: History,
    further: Further | None = None,
) -> pl.DataFrame:
    """Argue against each finding and for it, and fill ``review``; ``severity`` is what it came to.

    Parameters
    ----------
    findings : polars.DataFrame
        As :func:`workbench.analysis.history.verify.verify` gives them.
    known : Evidence
        What the verdicts leaned on.
    hits : polars.DataFrame
        All hits of the scan: several patterns at one place are worse than one.
    history : History
        The scanned span: a change that was taken back within it hurts less.
    further : Further, optional
        Gives further arguments, for example from a language model. What it says counts only where
        it cites a line that exists, and all it says together moves the severity by one step at
        most.

    Returns
    -------
    polars.DataFrame
        The findings. One that only works another way now is ``deprecated``.
    """
    undone = reverts(findings, history)
    beside = companions(findings, hits, known.hot_paths)
    slow = [p.id for p in known.patterns.values() if p.failure_mode is FailureMode.SLOW]
    bare = unindexed(findings, history, slow=slow)
    dates = dict(history.commits.select("sha", "committed_utc").iter_rows())
    rows = []
    for at, row in enumerate(findings.to_dicts()):
        brief = Brief(
            finding=row,
            known=known,
            at=dates[row["sha"]],
            revert=undone.get(row["sha"]),
            companion=beside.get(at),
            query=bare.get((row["sha"], row["qualname"])),
        )
        arguments = [a for reason in REASONS if (a := reason(brief)) is not None]
        if further is not None:
            arguments += further.arguments(brief)
        rows.append(_settled(row, arguments))
    return FINDINGS.check(pl.DataFrame(rows, schema=FINDINGS.schema, orient="row"))


def _settled(row: dict[str, Any], arguments: Sequence[Argument]) -> dict[str, Any]:
    before = Severity(row["severity"])
    after = _severity(before, arguments)
    verdict = "confirmed"
    if after.rank != before.rank:
        verdict = "upgraded" if after.rank > before.rank else "downgraded"
    works = row["kind"] == "break" and any(a.argument in WORKS for a in arguments)
    return {
        **row,
        "severity": after.value,
        "kind": "deprecated" if works and after is Severity.LOW else row["kind"],
        "review": {
            "verdict": verdict,
            "from": before.value,
            "to": after.value,
            "reasons": [a.row() for a in arguments],
        },
    }


def _severity(severity: Severity, arguments: Sequence[Argument]) -> Severity:
    """One step up or down for the side that has an argument, none where both have.

    What cannot hurt at run time is LOW whatever else is said; what stops a start is HIGH at least;
    what nobody could show is MEDIUM at most.
    """
    if any(a.argument in DOWN_TO_LOW for a in arguments):
        return Severity.LOW
    capped = any(_head(a) in SAYS_LITTLE for a in arguments)
    arguments = [a for a in arguments if _head(a) not in SAYS_LITTLE]
    if not capped:
        return _voted(severity, arguments)
    return _at_most_medium(_voted(_at_most_medium(severity), arguments))


def _at_most_medium(severity: Severity) -> Severity:
    return min(severity, Severity.MEDIUM, key=lambda one: one.rank)


def _head(argument: Argument) -> str:
    """An argument without what it says beside itself."""
    return argument.argument.partition(":")[0]


def _voted(severity: Severity, arguments: Sequence[Argument]) -> Severity:
    ours = [a for a in arguments if not a.guessed]
    up = any(a.direction == "up" for a in ours)
    down = any(a.direction == "down" for a in ours)
    if up == down:
        guessed = {a.direction for a in arguments if a.guessed}
        up, down = guessed == {"up"}, guessed == {"down"}
        if ours:
            up = down = False
    if up == down:
        return severity
    # HIGH is what a finding can be raised to: that a deployment stops is for its pattern to say.
    top = max(severity.rank, Severity.HIGH.rank)
    if up and any(a.argument in AT_LEAST_HIGH for a in ours):
        return STEPS[top]
    rank = min(severity.rank + 1, top) if up else max(severity.rank - 1, 0)
    return STEPS[rank]
