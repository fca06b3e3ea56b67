"""Verdicts about names: gone, moved behind a shim, overridden for nobody, abstract by now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_verdicts import (
    Evidence,
    Use,
    Verdict,
    at_import_time,
    upstream_step,
)
from workbench.domain.findings import Outcome

MISSING_NAME = "missing-name"
"""Tag of patterns whose hits are names that can no longer be imported or looked up."""
MADE_BY = (".__init__", ".__new__", ".__post_init__")
WARNS = re.compile(r"warnings\.warn|[Dd]eprecat|RemovedIn")
ANSWERS = re.compile(r"^def __getattr__\(", re.MULTILINE)
GONE = ("removed", "renamed", "moved")
MEMBERS = ("method", "attribute")
ELSEWHERE = "whether the class has it where it is now cannot be seen"
REBASED = "the class has other bases now, and one of them may have it"


def missing(use: Use, known: Evidence) -> Verdict | None:
    """The name is gone, or works only through a shim; nobody calls an override of it."""
    row = next(_removals(use, known), None)
    if row is None:
        return _offered_still(use, known) or _lost_module(use, known)
    name = str(row["was"])
    shim = _shim(use, known, name)
    if shim is not None:
        whole = shim["now"] in (name, use.written + name[len(use.name) :])
        if whole or row["change"] == "moved":
            return _works(use, known, shim)
        return _unproven(use, "uses a member of a class that leads elsewhere now", ELSEWHERE)
    if use.kind == "override" and name.endswith(MADE_BY):
        return None  # who makes one calls it, whatever it overrides
    member = row["family"] == "attributes" or row["before"].get("kind") in MEMBERS
    if use.inherits:
        relation = "inherits from the class that lost it, and does not ask for it"
        return Verdict(outcome=Outcome.FITS, relation=relation, use=use)
    if member and rebased(use, known, name.rpartition(".")[0]):
        return _unproven(use, "uses a member that the class no longer defines", REBASED)
    if member and use.kind == "override" and use.full == name:
        return _overridden(use, known, row)
    if member and (taker := _taker(row)):
        why = f"{taker} has it now, which may be a base class"
        return _unproven(use, "uses a member that went to another class", why)
    if row["family"] == "attributes":
        why = "a base class or another module may still set it"
        return _unproven(use, "reads an attribute that is no longer set", why)
    if (answered := _stand_in(use, known, name, str(row["path"]))) is not None:
        return answered
    return Verdict(
        outcome=Outcome.MISSING_NAME, relation=_falls(use, name), use=use, steps=_steps(row, known)
    )


def _stand_in(use: Use, known: Evidence, name: str, path: str) -> Verdict | None:
    """A name that went, and something that the commit adds around it that may answer for it.

    A package can list the module that went in a table of stand-ins, a module can answer for any
    name by a function.
    """
    parts = name.split(".")
    above = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    # of a file that moved the path at hand is the new one
    path = next((p for a in above if (p := known.changes.lost_module(use.sha, a))), path)
    file = PurePosixPath(path)
    module = file.parent.name if file.name == "__init__.py" else file.stem
    package = file.parent.parent if file.name == "__init__.py" else file.parent
    around = (package / "__init__.py").as_posix()
    listed = re.compile(rf"""^\s*["']{re.escape(module)}["']\s*:""", re.MULTILINE)
    line = known.changes.where(use.sha, around, listed)
    if line is not None and known.changes.lost_file(use.sha, path):
        text = known.changes.text(use.sha, around, line, side="after")
        step = upstream_step({"path": around, "line": line}, "lists it among stand-ins", text)
        relation = "uses a module that a stand-in answers for: works until that goes"
        return Verdict(outcome=Outcome.STILL_WORKS, relation=relation, use=use, steps=(step,))
    if known.changes.says(use.sha, path, ANSWERS):
        why = "the module answers for names by __getattr__ now, and may for this one"
        return _unproven(use, "uses a name that the module no longer defines", why)
    return None


def _removals(use: Use, known: Evidence) -> Iterator[Row]:
    """Deltas that took away the name a site uses, or what that name hangs on."""
    parts = use.rest.split(".")[1:]
    for count in range(len(parts) + 1):
        prefix = ".".join([use.name, *parts[:count]])
        for family in ("definitions", "exports", "attributes"):
            for row in known.changes.of(use.sha, prefix, family):
                went = row["was"] == prefix and row["now"] != prefix and row["change"] in GONE
                if went and not _still_there(known, use.sha, prefix, family):
                    yield row


def _still_there(known: Evidence, sha: str, name: str, family: str) -> bool:
    """Whether the same commit defines the name again: a branch of an if, a moved statement."""
    families = ("definitions", "attributes") if family == "attributes" else ("definitions",)
    return any(row["now"] == name for f in families for row in known.changes.of(sha, name, f))


def _shim(use: Use, known: Evidence, name: str) -> Row | None:
    """The line that offers the old name after the commit."""
    written = use.written + name[len(use.name) :]
    places = [] if use.kind == "override" and use.full == name else [name, written]
    if name.startswith(f"{use.name}."):  # a class that moved took its members along
        places += [use.name, use.written]
    above = [place.rpartition(".")[0] for place in (name, written)] if _member(name) else []
    for offered in dict.fromkeys([*places, *above]):
        for row in known.changes.of(use.sha, offered, "exports"):
            if row["now"] == offered and row["change"] != "removed" and _leads_on(row, name):
                return row
    return None


def _offered_still(use: Use, known: Evidence) -> Verdict | None:
    """A hit of a pattern about missing names on one that is there: it leads elsewhere now."""
    pattern = known.patterns.get(use.finding["pattern"])
    if pattern is None or MISSING_NAME not in pattern.tags or use.inherits:
        return None
    for offered in dict.fromkeys((use.name, use.written)):
        for row in known.changes.of(use.sha, offered, "exports"):
            if row["now"] == offered and row["was"] == offered:
                return _works(use, known, row)
    return None


def _member(name: str) -> bool:
    """Whether a name hangs on a class, told by the capital that one begins with."""
    return name.rpartition(".")[0].rpartition(".")[2].lstrip("_")[:1].isupper()


def _lost_module(use: Use, known: Evidence) -> Verdict | None:
    """The use is of a module whose file is gone."""
    parts = use.full.split(".")
    for count in range(len(parts), 0, -1):
        name = ".".join(parts[:count])
        path = known.changes.lost_module(use.sha, name)
        if path is not None and not use.inherits:
            if (answered := _stand_in(use, known, name, path)) is not None:
                return answered
            text = known.changes.text(use.sha, path, 1, side="before")
            step = upstream_step({"path": path, "line": 1}, f"takes {name} away", text)
            return Verdict(
                outcome=Outcome.MISSING_NAME, relation=_falls(use, name), use=use, steps=(step,)
            )
    return None


def _works(use: Use, known: Evidence, row: Row) -> Verdict:
    if _stays_public(use, known, row):
        relation = "uses the public name of what is kept in a private place"
        return Verdict(outcome=Outcome.FITS, relation=relation, use=use, settled=True)
    text = known.changes.text(use.sha, row["path"], row["line"], side=row["side"])
    return Verdict(
        outcome=Outcome.STILL_WORKS,
        relation="uses a name that moved: works until the old name goes",
        use=use,
        steps=(upstream_step(row, "keeps the old name working", text),),
    )


def _stays_public(use: Use, known: Evidence, row: Row) -> bool:
    """Whether the old place offers, without a warning, what nobody else may import."""
    pattern = known.patterns.get(use.finding["pattern"])
    about_names = pattern is not None and MISSING_NAME in pattern.tags
    offer = row["after"]
    if not about_names or offer["how"] != "reexport" or not _private(str(offer["target"])):
        return False
    return not _private(str(row["now"])) and not known.changes.says(use.sha, row["path"], WARNS)


def _private(name: str) -> bool:
    parts = name.split(".")
    return any(part.startswith("_") and not part.startswith("__") for part in parts)


def _leads_on(row: Row, name: str) -> bool:
    """Whether an offer leads anywhere but to the name that is gone."""
    return bool(row["after"]["target"] != name)


def rebased(use: Use, known: Evidence, owner: str) -> bool:
    """Whether a class inherits from others than before the commit."""
    return any(
        row["now"] == owner and row["before"] and row["after"]["bases"] != row["before"]["bases"]
        for row in known.changes.of(use.sha, owner, "definitions")
    )


def _taker(row: Row) -> str | None:
    """The other class that has the member under its own name since this commit."""
    was, now = str(row["was"]), str(row["now"] or "")
    same = was.rpartition(".")[2] == now.rpartition(".")[2]
    return now if now and same else None


def _overridden(use: Use, known: Evidence, row: Row) -> Verdict:
    calls = known.changes.calls(use.sha, use.full.rpartition(".")[2])
    taker = _taker(row)
    relation = "overrides a method that is gone: nobody calls it any more"
    if row["change"] == "renamed" and not taker:
        relation = f"overrides a method that is {row['now']} now: nobody calls it by the old name"
    why = None
    if taker:
        why = f"{taker} has it now, which may be a base class"
    elif calls:
        why = f"{calls[0]['path']}:{calls[0]['line']} still calls something of that name"
    return Verdict(
        outcome=Outcome.NEVER_CALLED if why is None else Outcome.NOT_VERIFIED,
        relation=relation,
        why_not=why,
        use=use,
        steps=_steps(row, known),
    )


def _steps(row: Row, known: Evidence) -> tuple[dict[str, object], ...]:
    if row["side"] == "before":
        text = known.changes.text(row["sha"], row["path"], row["line"], side="before")
        return (upstream_step(row, "takes the name away", text),)
    text = known.changes.text(row["sha"], row["path"], row["line"], side="after")
    return (upstream_step(row, f"defines it as {row['now']}", text),)


def _falls(use: Use, name: str) -> str:
    """What happens when a line asks for a name that is gone."""
    first = at_import_time(use.site)
    when = "at import time" if first else "when the line runs"
    if use.kind == "import":
        # an import of a module binds it; what hangs on it is asked for later
        return f"imports {name}, which is gone: ImportError {when}"
    does = {"call": "calls", "subclass": "inherits from", "override": "overrides a member of"}
    return f"{does.get(use.kind, 'reads')} {name}, which is gone: AttributeError {when}"


def abstract(use: Use, known: Evidence) -> Verdict | None:
    """A method of the class became abstract, and who inherits does not define it."""
    if use.kind != "subclass":
        return None
    holder = use.full.rpartition(".")[0] if use.inherits else use.full
    for row in known.changes.of(use.sha, holder, "definitions"):
        if not _became_abstract(row) or str(row["now"]).rpartition(".")[0] != holder:
            continue
        method = str(row["now"]).rpartition(".")[2]
        if (use.site["downstream"], f"{use.site['target']}.{method}") in known.overrides:
            continue
        text = known.changes.text(use.sha, row["path"], row["line"], side="after")
        return Verdict(
            outcome=Outcome.ABSTRACT,
            relation=f"does not define {method}, which is abstract now: TypeError when it is made",
            use=use,
            steps=(upstream_step(row, f"makes {method} abstract", text),),
        )
    return None


def _became_abstract(row: Row) -> bool:
    def marked(side: str) -> bool:
        decorators = (row[side] or {}).get("decorators") or ()
        return any(d.rpartition(".")[2].startswith("abstract") for d in decorators)

    return row["now"] is not None and marked("after") and not marked("before")


def _unproven(use: Use, relation: str, why: str) -> Verdict:
    return Verdict(outcome=Outcome.NOT_VERIFIED, relation=relation, why_not=why, use=use)
