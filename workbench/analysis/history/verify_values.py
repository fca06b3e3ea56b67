"""Verdicts about values: may be None, is another literal, raises until something initialises it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_none import unguarded
from workbench.analysis.history.verify_verdicts import (
    Evidence,
    Step,
    Use,
    Verdict,
    at_import_time,
    upstream_step,
)
from workbench.domain.findings import Outcome

NO_TEXT = "the downstream's text is not at hand, so a check before the use cannot be seen"
START_UP = frozenset(
    {
        "__init__",
        "__new__",
        "__post_init__",
        "__init_subclass__",
        "start",
        "init",
        "setup",
        "on_load",
    }
)
OPTIONAL = ("None", "Optional[")
MAY_BE_NONE = "types"
"""Tag of patterns about values that may be None: each of them concerns who is handed the value."""


def may_be_none(use: Use, known: Evidence) -> Verdict | None:
    """The value may be None since the commit, and is used as if it never were."""
    pattern = known.patterns.get(use.finding["pattern"])
    strict = pattern is not None and MAY_BE_NONE in pattern.tags
    spared: Verdict | None = None
    for row, rest in _below(use, known, ("fields", "columns", "definitions", "attributes")):
        if not _loosened(row):
            continue
        if strict and row["family"] == "columns" and not known.changes.migrates(use.sha):
            relation = f"uses {row['now']}, whose column no migration changes"
            steps = (_step(row, known, "is declared in another way"),)
            spared = _spared(use, relation, steps)
            continue
        steps = (_step(row, known, "may be None from here on"),)
        relation = f"uses {row['now']}, which may be None"
        tree = known.texts.tree(use.site["downstream"], use.site["path"], use.at)
        if tree is None:
            return _unproven(use, relation, NO_TEXT, steps)
        found = unguarded(tree, use.site, attribute=rest)
        if isinstance(found, str):
            return _unproven(use, relation, found, steps)
        return Verdict(
            outcome=Outcome.NONE,
            relation=f"{relation}, without a check: TypeError or AttributeError",
            use=use,
            steps=steps,
            line=found,
        )
    return spared or (_hands_over(use, known) if strict else None)


def _hands_over(use: Use, known: Evidence) -> Verdict | None:
    """A parameter may be None since the commit: who passes a value may pass it still."""
    if use.kind == "override" and not use.inherits:
        return None
    for row in known.changes.of(use.sha, use.name, "parameters"):
        if row["now"] == use.name and _loosened(row):
            relation = "does not define what is handed None"
            return _spared(use, relation, (_step(row, known, "may be handed None"),))
    return None


def _spared(use: Use, relation: str, steps: tuple[Step, ...]) -> Verdict:
    return Verdict(outcome=Outcome.FITS, relation=relation, use=use, steps=steps, settled=True)


def _loosened(row: Row) -> bool:
    """Whether a delta lets in None where it did not."""
    before, after = row["before"], row["after"]
    if not before or not after:
        return False
    if row["family"] == "fields":
        return before["optional"] is False and after["optional"] is True
    if row["family"] == "columns":
        return before["nullable"] is False and after["nullable"] is True
    key = "returns" if row["family"] == "definitions" else "annotation"
    was, now = before[key], after[key]
    return bool(was and now) and not _optional(was) and _optional(now)


def _optional(annotation: str) -> bool:
    return any(word in annotation for word in OPTIONAL) and annotation not in ("None", '"None"')


def other_literal(use: Use, known: Evidence) -> Verdict | None:
    """A literal has another value, and the downstream still writes the old one."""
    for row, _ in _below(use, known, ("literals",)):
        old = _literal(row["before"])
        if old is None or old == _literal(row["after"]):
            continue
        steps = (_step(row, known, f"was {row['before']['value']}"),)
        relation = f"compares with {row['before']['value']}, which matches nothing any more"
        line = _written(use, known, old)
        if line is not None:
            return Verdict(
                outcome=Outcome.STRING, relation=relation, use=use, steps=steps, line=line
            )
        why = "the old value is not written where the name is used"
        if known.texts.text(use.site["downstream"], use.site["path"], use.at) is None:
            why = "the downstream's text is not at hand, so the old value cannot be looked for"
        return _unproven(use, "uses a literal that has another value", why, steps)
    return None


def _literal(fact: Row | None) -> object:
    if fact is None:
        return None
    try:
        return ast.literal_eval(fact["value"])
    except (ValueError, SyntaxError):
        return None


def _written(use: Use, known: Evidence, value: object) -> int | None:
    """The first line of the file that writes the old value: it need not be by the name."""
    tree = known.texts.tree(use.site["downstream"], use.site["path"], use.at)
    if tree is None:
        said = str(use.site["expression"])
        return int(use.site["line"]) if isinstance(value, str) and _quoted(value, said) else None
    try:
        return known.texts.constants(tree).get((type(value), value))
    except TypeError:  # a list or another display, which is no constant
        return None


def _quoted(value: str, text: str) -> bool:
    return f'"{value}"' in text or f"'{value}'" in text


def before_init(use: Use, known: Evidence) -> Verdict | None:
    """An attribute raises until something initialises it, and is read while things start."""
    if use.kind != "attribute" or use.full.endswith("__"):
        return None
    for row, _ in _below(use, known, ("raises", "attributes")):
        if not _raises(row) and not _set_later(row, known):
            continue
        steps = (_step(row, known, "raises until it is initialised"),)
        relation = f"reads {row['now'] or row['was']} before anything initialises it"
        last = str(use.site["scope"] or "").rpartition(".")[2]
        if last in START_UP or at_import_time(use.site):
            when = "at import time" if at_import_time(use.site) else f"in {last}"
            return Verdict(
                outcome=Outcome.BEFORE_INIT,
                relation=f"{relation}: raises {when}",
                use=use,
                steps=steps,
            )
        return _unproven(use, relation, "it is not read while the program starts", steps)
    return None


def _raises(row: Row) -> bool:
    return bool(row["family"] == "raises" and row["change"] == "added")


def _set_later(row: Row, known: Evidence) -> bool:
    """Whether the attribute left ``__init__`` for a method that has to be called first."""
    if row["family"] != "attributes" or row["change"] != "removed":
        return False
    others = known.changes.of(row["sha"], row["was"], "attributes")
    return bool([other for other in others if other["now"] == row["was"]])


def _below(use: Use, known: Evidence, families: tuple[str, ...]) -> Iterator[tuple[Row, str]]:
    """Deltas of the name a site uses or of what it hangs on, with what the site asks of it."""
    parts = use.rest.split(".")[1:]
    for count in range(len(parts), -1, -1):
        prefix = ".".join([use.name, *parts[:count]])
        rest = ".".join(parts[count:])
        for family in families:
            for row in known.changes.of(use.sha, prefix, family):
                if prefix in (row["was"], row["now"]):
                    yield row, rest


def _step(row: Row, known: Evidence, relation: str) -> Step:
    text = known.changes.text(row["sha"], row["path"], row["line"], side=row["side"])
    return upstream_step(row, relation, text)


def _unproven(use: Use, relation: str, why: str, steps: tuple[Step, ...]) -> Verdict:
    return Verdict(
        outcome=Outcome.NOT_VERIFIED, relation=relation, why_not=why, use=use, steps=steps
    )
