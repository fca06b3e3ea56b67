"""Who has nothing to fear when a class comes to be in another way, or sets an attribute later."""

from __future__ import annotations

import ast
import re

from workbench.analysis.history.verify_bases import last_names
from workbench.analysis.history.verify_names import rebased
from workbench.analysis.history.verify_verdicts import Evidence, Use

DUNDER = re.compile(r"__\w+__$")


def unconcerned(use: Use, known: Evidence) -> bool:
    """Whether a use feels nothing of a change in how a class comes to be.

    The mere import of a class does not. Of a change in one attribute nobody does who does not ask
    for that attribute, unless it raises now: then whatever inherits may run into it. Of a base that
    went nobody does who asks for nothing that only that base had.
    """
    if use.kind == "import" and _is_class(use.full):
        return True
    owner, members = use.name, _members(use, known)
    if use.inherits:
        owner, members = use.name.rpartition(".")[0], [use.name]
    elif not members:
        return _is_class(owner) and rebased(use, known, owner) and not _misses(use, known, owner)
    elif any(f"{use.full}.".startswith(f"{m}.") for m in members):
        return False
    if rebased(use, known, owner) and _misses(use, known, owner):
        return False
    inherits = use.inherits or use.kind == "subclass"
    return not (inherits and any(known.changes.of(use.sha, m, "raises") for m in members))


def _misses(use: Use, known: Evidence, owner: str) -> bool:
    """Whether the use may ask for what went with a base of the class."""
    for row in known.changes.of(use.sha, owner, "definitions"):
        if row["now"] != owner or not row["before"]:
            continue
        before, after = (row[side]["bases"] or () for side in ("before", "after"))
        if set(last_names(before)) <= set(last_names(after)):
            return True  # what a new base brings along is another matter
        lost = known.classes.lost(use.sha, owner, before=before, after=after)
        # what Python itself asks for is never written
        if lost is None or any(DUNDER.match(name) for name in lost):
            return True
        if lost and (lost & {*use.rest.split(".")} or _asks(use, known, lost)):
            return True
    return False


def _asks(use: Use, known: Evidence, names: frozenset[str]) -> bool:
    """Whether the file of a use writes one of the names; without its text it may."""
    tree = known.texts.tree(use.site["downstream"], use.site["path"], use.at)
    if tree is None:
        return True
    for node in ast.walk(tree):
        written = (
            getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
        )
        if isinstance(node, ast.Constant):
            written = node.value
        if isinstance(written, str) and written.rpartition(".")[2] in names:
            return True
    return False


def _members(use: Use, known: Evidence) -> list[str]:
    """What the finding is on, of all that hangs on the name that is used.

    The finding keeps the names that are asked for; an attribute that nobody asks for is none.
    """
    unset = [
        str(row["was"])
        for row in known.changes.of(use.sha, use.name, "attributes")
        if row["was"] and row["change"] == "removed"
    ]
    names = dict.fromkeys([*use.finding["names"], use.finding["qualname"], *unset])
    return [name for name in names if name.startswith(f"{use.name}.")]


def _is_class(name: str) -> bool:
    """Told by the capital it begins with."""
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()
