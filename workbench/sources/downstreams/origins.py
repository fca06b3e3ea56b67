"""What a name in a file stands for: an upstream object, or one of the tree, not yet followed."""

from __future__ import annotations

from typing import NamedTuple

GUARDS = ("none", "in-function", "version-check", "try", "type-checking")
"""Kinds of guard around an import, weakest first; where several stand, the strongest counts."""
OURS = "~"
"""First character of the dotted name of something in the downstream's own tree."""
SUPER = "<super>"


class Origin(NamedTuple):
    """An object by its dotted name, or an instance of the class of that name.

    ``guard`` is the guard of the import that the name came through. Nothing guards an object that
    merely has an imported class: it is there at run time, whoever imports its class. ``alias`` is
    true of a variable: what it was given is used where it is given, not where it is read.
    """

    dotted: str
    instance: bool = False
    guard: str = "none"
    alias: bool = False


Value = tuple[Origin, ...]
"""What a name may stand for: more than one where branches import alternatives."""


class Use(NamedTuple):
    """A place in a file that uses a name; its text is cut out once it is known to matter."""

    origin: Origin
    kind: str
    scope: str
    first_line: int
    first_byte: int
    last_line: int
    last_byte: int


class Import(NamedTuple):
    """One imported name of the upstream."""

    line: int
    module: str
    symbol: str | None
    alias: str | None
    guard: str
    scope: str

    @property
    def target(self) -> str:
        if self.symbol is None or self.symbol == "*":
            return self.module
        return f"{self.module}.{self.symbol}"

    @property
    def expression(self) -> str:
        bound = self.alias or ""
        if self.symbol is None:
            plain = bound == self.module.partition(".")[0]
            return f"import {self.module}" + ("" if plain else f" as {bound}")
        renamed = "" if self.symbol in (bound, "*") else f" as {bound}"
        return f"from {self.module} import {self.symbol}{renamed}"


Names = dict[str, Value | None]


class Scope(NamedTuple):
    """Where names are bound: a module, class, function, or the inside of an expression.

    ``owner`` is the class that a class body or a method belongs to.
    """

    kind: str
    qualname: str
    names: Names
    above: Scope | None
    owner: str = ""

    def seen_by_functions(self) -> Scope:
        """The nearest scope that is no class: functions do not see the names of a class around."""
        scope = self
        while scope.kind == "class" and scope.above is not None:
            scope = scope.above
        return scope

    def inside(self, name: str) -> str:
        """The qualname of something defined here."""
        return f"{self.qualname}.{name}" if self.qualname else name

    def in_function(self) -> bool:
        return self.kind == "function" or (self.above is not None and self.above.in_function())


class OwnClass:
    """A class of the tree: its bases, the names it defines, what it keeps on its instances."""

    __slots__ = ("attributes", "bases", "head", "overrides", "own")

    def __init__(self, head: Use) -> None:
        self.head = head
        self.bases: list[Value] = []
        self.own: set[str] = set()
        self.attributes: dict[str, Value] = {}
        self.overrides: list[tuple[str, Use]] = []


def stronger(first: str, second: str) -> str:
    """The guard that counts where both stand."""
    return max(first, second, key=GUARDS.index)


def joined(first: Value | None, second: Value | None) -> Value | None:
    """What a name may stand for after two branches."""
    if not first or not second or first == second:
        return first or second
    return first + tuple(origin for origin in second if origin not in first)


def below(value: Value, name: str) -> Value:
    """What hangs on a value under a name."""
    return tuple(Origin(f"{origin.dotted}.{name}", False, origin.guard) for origin in value)


def made(value: Value) -> Value | None:
    """Instances, when what is called is called like a class (its name begins with a capital)."""
    found = tuple(
        Origin(origin.dotted, True, origin.guard)
        for origin in value
        if not origin.instance and origin.dotted.rpartition(".")[2].lstrip("_")[:1].isupper()
    )
    return found or None


def annotated(value: Value) -> Value:
    """Instances of the classes that an annotation names."""
    return tuple(
        Origin(origin.dotted, True, "none" if origin.guard == "type-checking" else origin.guard)
        for origin in value
    )
