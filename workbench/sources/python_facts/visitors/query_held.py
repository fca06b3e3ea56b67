"""What a name holds of a statement: itself, its rows, one object, or what that has loaded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbench.sources.python_facts.visitors.query_parts import Query

USES = frozenset({"iterated", "truth", "counted", "passed", "read"})


class Held(NamedTuple):
    """A statement in a state: statement, rows, entity, loaded.

    ``name`` is the relationship that it was reached through; empty for what the statement gives.
    """

    query: Query
    state: str
    name: str = ""

    def become(self, state: str) -> Held:
        """The same statement in another state."""
        return Held(self.query, state, self.name)

    def attribute(self, name: str) -> Held | None:
        """What an attribute of it holds, when that is followed."""
        if self.state in ("entity", "loaded"):
            if name in self.query.relationships:
                return Held(self.query, "loaded", name)
            # A row has its objects by the name of their class.
            if self.state == "entity" and name[:1].isupper():
                return self
        return None

    def shown(self, name: str) -> None:
        """Note an attribute that shows everything an object has loaded."""
        if name == "__dict__" and self.state in ("entity", "loaded"):
            self.query.handed_on(self.name)

    def used(self, use: str) -> None:
        """Note a use; an object that is handed on may be used in any way."""
        if self.state == "loaded":
            if use in USES:
                self.query.uses.add((self.name, use))
            if use == "passed":
                self.query.handed_on(self.name)
        elif use == "passed":
            self.query.handed_on(self.name)
        elif use == "iterated" and self.state == "statement":
            self.query.executed = True


Env = dict[str, tuple[Held, ...]]


def elements(held: Iterable[Held]) -> tuple[Held, ...]:
    """What comes out of each when it is iterated or indexed."""
    return tuple(dict.fromkeys(each.become("entity") for each in held))


def joined(env: Env, ends: list[Env]) -> None:
    """Let every name hold what it holds at any of the ends."""
    after: Env = {}
    for end in ends:
        for name, held in end.items():
            known = after.get(name)
            after[name] = held if not known else tuple(dict.fromkeys((*known, *held)))
    env.clear()
    env.update(after)
