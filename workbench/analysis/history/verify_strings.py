"""Verdicts about names in quotes: words, columns, tables and options that upstream had."""

from __future__ import annotations

import re

from workbench.analysis.history.string_names import TARGETS
from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_verdicts import Evidence, Step, Use, Verdict, upstream_step
from workbench.domain.findings import Outcome

READS = (".get", ".has_option", ".is_")
PLAIN = re.compile(r"[a-z]{1,9}\Z|[A-Z]{1,9}\Z|[A-Z][a-z]{1,8}\Z")
"""A word that many programs compare with, each for its own reasons."""
GIVEN = ("fallback",)


def unmatched(use: Use, known: Evidence) -> Verdict | None:
    """A text of the downstream that matches nothing of the upstream any more, or something else."""
    row = known.strings.get((use.sha, use.name, use.written))
    if row is None:
        return None
    line = known.texts.line(use.site, use.at)
    if use.written.startswith("literal:"):
        return _literal(use, known, row, line)
    if use.written.startswith("config:"):
        return _option(use, known, row, f"{line} {use.site['expression']}")
    return _column(use, known, row)


def in_quotes(use: Use) -> bool:
    """Whether a use is a text."""
    return use.written.startswith(TARGETS)


def _literal(use: Use, known: Evidence, row: Row, line: str) -> Verdict:
    here = f"{line} {use.site['expression']}"
    steps = (_step(row, known, f"was '{row['old']}'"),)
    if not _quoted(row["old"], here):
        why = "the old value is not written on the line"
        return _unproven(use, "names a word that is another one now", why, steps)
    if row["new"] is not None and _quoted(row["new"], here):
        relation = "takes the new word as well as the old one"
        return Verdict(outcome=Outcome.FITS, relation=relation, use=use, steps=steps)
    relation = f"names '{row['old']}', which matches nothing any more"
    if PLAIN.match(row["old"]):
        return _unproven(use, relation, "the word is short and plain: it may be anybody's", steps)
    return Verdict(outcome=Outcome.STRING, relation=relation, use=use, steps=steps)


def _option(use: Use, known: Evidence, row: Row, here: str) -> Verdict:
    option = use.written.partition(":")[2]
    steps = (_step(row, known, "changes the option"),)
    if row["gone"] and row["new"] is not None:
        relation = f"names the option {option}, which stands in section {row['new']} now"
        why = "upstream may still look for it where it was"
        return _unproven(use, relation, why, steps)
    if row["gone"]:
        relation = f"names the option {option}, which nobody reads any more"
        return Verdict(outcome=Outcome.STRING, relation=relation, use=use, steps=steps)
    if not any(word in here for word in READS) or any(word in here for word in GIVEN):
        relation = f"sets the option {option} itself, or brings its own default"
        return Verdict(outcome=Outcome.FITS, relation=relation, use=use, steps=steps)
    relation = f"reads {option}, whose default was {row['old']} and is {row['new']}"
    return Verdict(outcome=Outcome.BEHAVIOUR, relation=relation, use=use, steps=steps)


def _column(use: Use, known: Evidence, row: Row) -> Verdict:
    named = use.written.partition(":")[2]
    what = "the column" if "." in named else "the table"
    if row["gone"]:
        steps = (_step(row, known, f"takes {what} away"),)
        relation = f"asks the database for {named}, which is gone: it answers with an error"
        return Verdict(outcome=Outcome.STRING, relation=relation, use=use, steps=steps)
    steps = (_step(row, known, f"changes {what}"),)
    relation = f"asks the database for {named}, which was {row['old']} and is {row['new']}"
    why = "what the statement does with its values cannot be seen"
    return _unproven(use, relation, why, steps)


def _quoted(value: str, text: str) -> bool:
    return f'"{value}"' in text or f"'{value}'" in text


def _step(row: Row, known: Evidence, relation: str) -> Step:
    text = known.changes.text(row["sha"], row["path"], row["line"], side=row["side"])
    return upstream_step(row, relation, text)


def _unproven(use: Use, relation: str, why: str, steps: tuple[Step, ...]) -> Verdict:
    return Verdict(
        outcome=Outcome.NOT_VERIFIED, relation=relation, why_not=why, use=use, steps=steps
    )
