"""Verdicts about calls: does the downstream's call fit what the upstream takes by now."""

from __future__ import annotations

from workbench.analysis.history.verify_binding import (
    RECEIVERS,
    Call,
    Changed,
    Misfit,
    call_of,
    misfit,
    signature_of,
)
from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_verdicts import (
    Evidence,
    Step,
    Use,
    Verdict,
    call_at,
    upstream_step,
)
from workbench.domain.findings import Outcome

NEITHER = "the call did not fit before either, so nothing broke"
CUT = "the call is not at hand as a whole, so its arguments cannot be bound"


def arguments(use: Use, known: Evidence) -> Verdict | None:
    """A call against the signature that the function has by now."""
    if use.kind != "call":
        return None
    function, changed = _function(use, known)
    if not changed.rows:
        return _never_fitted(use, known)
    node = call_at(use, known.texts)
    relation = "calls what takes other parameters now"
    if node is None:
        return unproven(use, relation, CUT)
    call = call_of(node)
    found, why = _fits(use, known, function, changed, call)
    if found is not None:
        return Verdict(
            outcome=found.outcome,
            relation=f"calls it so that {found.what}: TypeError when the line runs",
            use=use,
            steps=parameter_steps(use, changed, known),
        )
    if why == NEITHER:
        steps = parameter_steps(use, changed, known)
        told = f"{relation}: {why}"
        return Verdict(outcome=Outcome.FITS, relation=told, use=use, steps=steps, settled=True)
    if why is not None:
        return unproven(use, relation, why)
    return _other_default(use, changed, call, known) or Verdict(
        outcome=Outcome.FITS,
        relation="calls it in a way that fits the new parameters, too",
        use=use,
        steps=parameter_steps(use, changed, known),
    )


def _never_fitted(use: Use, known: Evidence) -> Verdict | None:
    """A call of what takes the same parameters as before, and never took this call."""
    node = call_at(use, known.texts)
    for name in (use.full, f"{use.full}.__init__"):
        sides = [known.signatures.get((use.sha, side, name)) for side in ("before", "after")]
        if node is None or not all(sides):
            continue
        whole = [list(rows) for rows in sides if rows]
        taken = [signature_of(rows, receiver=_receives(use, name, rows)) for rows in whole]
        if all(misfit(signature, call_of(node)) is not None for signature in taken):
            relation = f"calls what changed: {NEITHER}"
            return Verdict(outcome=Outcome.FITS, relation=relation, use=use, settled=True)
    return None


def _function(use: Use, known: Evidence) -> tuple[str, Changed]:
    """The function that a call runs, with what the commit did to its parameters."""
    for name in (use.full, f"{use.full}.__init__"):
        rows = [
            row
            for row in known.changes.of(use.sha, use.full, "parameters")
            if name in (row["now"], row["was"]) and row["scope_change"] not in ("added", "removed")
        ]
        if rows:
            return name, Changed(rows=tuple(rows))
    return use.full, Changed(rows=())


def _fits(
    use: Use, known: Evidence, function: str, changed: Changed, call: Call
) -> tuple[Misfit | None, str | None]:
    """Why the call does not fit, or else why that cannot be said."""
    now = next((row["now"] for row in changed.rows if row["now"]), function)
    whole = known.signatures.get((use.sha, "after", now))
    if whole:
        return _fits_whole(use, known, now, changed, call)
    bound = _is_method(use, function, changed)
    given = changed.about(call, bound=bound)
    found = misfit(changed.signature(), given)
    spoken = {row["name"] for row in changed.removed}
    unsure = not changed.known_to_the_end and bool(spoken & set(call.keywords))
    if found is not None and found.outcome is Outcome.KEYWORD and unsure:
        return None, "whether **keywords takes what is no longer named cannot be seen"
    return found, None if found is not None else _hidden(changed, call)


def _hidden(changed: Changed, call: Call, *, any_name: bool = False) -> str | None:
    """Why a star may give what is no longer taken, unless any name is, or stands elsewhere.

    Who hands on both stars and may give any name is not blamed for places: what is handed on by
    place is nowhere seen.
    """
    gone = [row for row in changed.removed if row["name"] not in call.keywords]
    moved = [
        row
        for row in changed.rows
        if row["before"] and row["after"] and row["before"]["position"] != row["after"]["position"]
    ]
    by_name = call.more_keywords and bool(gone) and not any_name
    handed = call.more_keywords and any_name and not call.positional
    places = changed.removed or changed.added or moved
    by_place = call.more_positional and bool(places) and not handed
    return "a star in the call may give anything" if by_name or by_place else None


def _fits_whole(
    use: Use, known: Evidence, function: str, changed: Changed, call: Call
) -> tuple[Misfit | None, str | None]:
    rows = list(known.signatures[use.sha, "after", function])
    found = misfit(signature_of(rows, receiver=_receives(use, function, rows)), call)
    was = next((row["was"] for row in changed.rows if row["was"]), function)
    before = known.signatures.get((use.sha, "before", was))
    if found is not None and before:
        old = signature_of(before, receiver=_receives(use, function, list(before)))
        if misfit(old, call) is not None:
            return None, NEITHER
    any_name = any(row["kind"] == "var-keyword" for row in rows)
    return found, None if found is not None else _hidden(changed, call, any_name=any_name)


def _receives(use: Use, function: str, rows: list[Row]) -> bool:
    """Whether the first parameter is filled by what the function is called on."""
    first = min(rows, key=lambda row: row["position"])["name"]
    return first in RECEIVERS and not (first == "self" and _on_class(use, function))


def _on_class(use: Use, function: str) -> bool:
    """Whether a method is called on its class, with the object as an argument."""
    if function.endswith(".__init__") and use.full != function:
        return False
    holder, _, method = function.rpartition(".")
    head = str(use.site["expression"]).partition("(")[0].strip()
    return head.endswith(f"{holder.rpartition('.')[2]}.{method}")


def _is_method(use: Use, function: str, changed: Changed) -> bool:
    """Whether a place is taken by what the function is called on, as far as deltas say."""
    first = [r[s] for r in changed.rows for s in ("before", "after") if r[s]]
    if any(p["position"] == 0 and p["name"] not in RECEIVERS for p in first):
        return False
    in_class = function.rpartition(".")[0].rpartition(".")[2][:1].isupper()
    return in_class and not _on_class(use, function)


def _other_default(use: Use, changed: Changed, call: Call, known: Evidence) -> Verdict | None:
    """The call leaves a parameter to its default, and that is another one now."""
    for row in changed.rows:
        before, after = row["before"], row["after"]
        if not before or not after or not before["has_default"] or not after["has_default"]:
            continue
        bound = _is_method(use, str(row["now"]), changed)
        by_place = after["kind"].startswith("positional") and (
            call.positional + bound > after["position"]
        )
        if before["default"] == after["default"] or by_place or after["name"] in call.keywords:
            continue
        if call.more_positional or call.more_keywords:
            return unproven(use, "calls it by its default", "a star in the call may give it")
        was, now = before["default"], after["default"]
        return Verdict(
            outcome=Outcome.BEHAVIOUR,
            relation=f"leaves {after['name']} to its default, which was {was} and is {now}",
            use=use,
            steps=parameter_steps(use, changed, known),
        )
    return None


def parameter_steps(use: Use, changed: Changed, known: Evidence) -> tuple[Step, ...]:
    """The line of the first changed parameter."""
    row = min(changed.rows, key=lambda r: (r["after"] is None, r["path"], r["line"]))
    text = known.changes.text(use.sha, row["path"], row["line"], side=row["side"])
    names = ", ".join(dict.fromkeys(str((r["after"] or r["before"])["name"]) for r in changed.rows))
    return (upstream_step(row, f"changes its parameters: {names}", text),)


def unproven(use: Use, relation: str, why: str) -> Verdict:
    """A use that may run into something, and why that could not be shown."""
    return Verdict(outcome=Outcome.NOT_VERIFIED, relation=relation, why_not=why, use=use)
