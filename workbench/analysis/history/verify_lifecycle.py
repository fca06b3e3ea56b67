"""Who has nothing to fear when a class comes to be in another way, or sets an attribute later."""

from __future__ import annotations

from workbench.analysis.history.verify_names import rebased
from workbench.analysis.history.verify_verdicts import Evidence, Use


def unconcerned(use: Use, known: Evidence) -> bool:
    """Whether a use feels nothing of a change in how a class comes to be.

    The mere import of a class does not. Of a change in one attribute nobody does who does not ask
    for that attribute, unless it raises now: then whatever inherits may run into it.
    """
    if use.kind == "import" and _is_class(use.full):
        return True
    owner, members = use.name, _members(use)
    if use.inherits:
        owner, members = use.name.rpartition(".")[0], [use.name]
    elif not members or any(f"{use.full}.".startswith(f"{m}.") for m in members):
        return False
    if rebased(use, known, owner):
        return False
    inherits = use.inherits or use.kind == "subclass"
    return not (inherits and any(known.changes.of(use.sha, m, "raises") for m in members))


def _members(use: Use) -> list[str]:
    """What the finding is on, of all that hangs on the name that is used."""
    names = dict.fromkeys([*use.finding["names"], use.finding["qualname"]])
    return [name for name in names if name.startswith(f"{use.name}.")]


def _is_class(name: str) -> bool:
    """Told by the capital it begins with."""
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()
