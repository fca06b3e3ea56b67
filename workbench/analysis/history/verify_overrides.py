"""Verdicts about overrides: does the downstream's method take what the upstream passes by now."""

from __future__ import annotations

import inspect

from workbench.analysis.history.verify_binding import (
    Call,
    Changed,
    Misfit,
    definition_signature,
    misfit,
)
from workbench.analysis.history.verify_calls import parameter_steps, unproven
from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_names import MADE_BY
from workbench.analysis.history.verify_verdicts import (
    Evidence,
    Step,
    Use,
    Verdict,
    definition_at,
    is_static,
    upstream_step,
)
from workbench.domain.findings import Outcome


def overriding(use: Use, known: Evidence) -> Verdict | None:
    """An override against what upstream passes or declares by now."""
    if use.kind != "override":
        return None
    if use.full.endswith(MADE_BY):  # who makes one calls it by its own parameters
        relation = "has parameters of its own; its call of what it overrides is asked by itself"
        return Verdict(outcome=Outcome.FITS, relation=relation, use=use)
    rows = [
        row
        for row in known.changes.of(use.sha, use.full, "parameters")
        if use.full in (row["now"], row["was"]) and row["scope_change"] not in ("added", "removed")
    ]
    if not rows:
        return None
    relation = "overrides a method that takes other parameters now"
    node = definition_at(use, known.texts)
    if node is None:
        return unproven(use, relation, "the override's parameters are not at hand as a whole")
    changed, mine = Changed(rows=tuple(rows)), definition_signature(node.args)
    bound = not is_static(use, known.texts)
    for row in known.changes.calls(use.sha, use.full.rpartition(".")[2]):
        given = _given(row["after"], bound=bound)
        found = misfit(mine, given) if _newly(row, changed) else None
        if found is not None:
            text = known.changes.text(use.sha, row["path"], row["line"], side="after")
            caller = upstream_step(row, "calls it by the new parameters", text)
            return _broken(use, found, (*parameter_steps(use, changed, known), caller))
    found = _declared(changed, mine)
    if found is not None:
        return _broken(use, found, parameter_steps(use, changed, known))
    if _takes_all(changed, mine):
        return Verdict(
            outcome=Outcome.FITS,
            relation="overrides it and takes what upstream passes",
            use=use,
            steps=parameter_steps(use, changed, known),
        )
    return unproven(use, relation, "no call in the commit passes what the override does not take")


def _given(call: Row, *, bound: bool) -> Call:
    """What an upstream call passes to a method, with the object where it is bound to one."""
    return Call(
        positional=call["arguments"] + bound,
        keywords=tuple(call["keywords"] or ()),
        more_positional=bool(call["starred"]),
        more_keywords=bool(call["starred"]),
    )


def _newly(row: Row, changed: Changed) -> bool:
    """Whether a call passes something that the method takes only since this commit."""
    names = {parameter["name"] for parameter in changed.added}
    return bool(names & set(row["after"]["keywords"] or ())) or row["before"] is not None


def _declared(changed: Changed, mine: inspect.Signature) -> Misfit | None:
    """A misfit that every caller must run into: required upstream and unknown here, or back."""
    any_keyword = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in mine.parameters.values())
    any_place = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in mine.parameters.values())
    for row in changed.added:
        required = not row["has_default"] and not row["kind"].startswith("var-")
        renamed = any(r["position"] == row["position"] for r in changed.removed)
        if not required or row["name"] in mine.parameters or any_keyword:
            continue
        if row["kind"] == "keyword-only":
            what = f"{row['name']} has to be passed and is not taken"
            return Misfit(outcome=Outcome.KEYWORD, what=what)
        if not any_place and not renamed:
            what = f"{row['name']} has to be passed and there is no place for it"
            return Misfit(outcome=Outcome.ARITY, what=what)
    gone = [row["name"] for row in changed.removed if not row["kind"].startswith("var-")]
    taken = {row["position"] for row in changed.added}
    for row in changed.removed:
        own = mine.parameters.get(row["name"])
        if own is None or row["position"] in taken or row["name"] not in gone:
            continue
        if own.default is inspect.Parameter.empty and own.kind not in (
            inspect.Parameter.VAR_KEYWORD,
            inspect.Parameter.VAR_POSITIONAL,
        ):
            what = f"{own.name} is required and no longer passed"
            return Misfit(outcome=Outcome.ARITY, what=what)
    return None


def _takes_all(changed: Changed, mine: inspect.Signature) -> bool:
    kinds = {p.kind for p in mine.parameters.values()}
    swallows = inspect.Parameter.VAR_KEYWORD in kinds
    return all(row["name"] in mine.parameters or swallows for row in changed.added)


def _broken(use: Use, found: Misfit, steps: tuple[Step, ...]) -> Verdict:
    relation = f"overrides it so that {found.what}: TypeError when upstream calls it"
    return Verdict(outcome=found.outcome, relation=relation, use=use, steps=steps)
